import { describe, expect, test } from "vitest";
import { DataPath } from "../../helpers/data-path.ts";
import { type RawMessage, type RawSocket, statusOf, valueOf } from "../../helpers/raw-socket.ts";
import { ScriptedPod } from "../../helpers/scripted-pod.ts";
import { until } from "../../helpers/until.ts";
import { bodies } from "./bodies.ts";
import { H, type RequestCase, smuggled } from "./cases.ts";
import { connections } from "./connections.ts";
import { fields } from "./fields.ts";
import { framing } from "./framing.ts";
import { readRequests } from "./strict-reader.ts";
import { targets } from "./targets.ts";

const subjects = { framing, bodies, fields, targets, connections };
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A pod that answers each complete request; `bytes` is all that its connections got. */
const startPod = async () => {
  const bytes: string[] = [];
  const pod = await ScriptedPod.start((connection, nth) => {
    let answered = 0;
    bytes[nth - 1] = "";
    connection.socket.on("data", (chunk: Buffer) => {
      bytes[nth - 1] += chunk.toString("latin1");
      const { requests } = readRequests(bytes[nth - 1]!);
      for (; answered < requests.length; answered++) connection.send(ok);
    });
  });
  return { pod, bytes };
};

const requestsIn = (bytes: readonly string[]): string[] =>
  bytes.flatMap((part) => readRequests(part).requests);

/** A moment for the activator to read a piece by itself. */
const moment = () => new Promise((resolve) => setTimeout(resolve, 2));

const sendAll = async (client: RawSocket, pieces: readonly string[]): Promise<void> => {
  for (const [i, piece] of pieces.entries()) {
    if (i > 0) await moment();
    client.send(piece);
  }
};

const endedBy = ({ body }: RawMessage): string =>
  (JSON.parse(body.toString()) as { error: { by: string } }).error.by;

/** The lane takes only what comes by itself; what is hidden behind it comes a moment later. */
const apart = (pieces: readonly string[]): string[] =>
  pieces.flatMap((piece) =>
    piece.endsWith(smuggled) ? [piece.slice(0, -smuggled.length), smuggled] : [piece],
  );

const run = async (lane: boolean, { send, gets, sees, after }: RequestCase): Promise<void> => {
  const { pod, bytes } = await startPod();
  await using _pod = pod;
  await using path = await DataPath.start({ dests: [pod.dest], config: { lane } });
  const client = await path.connect();
  await sendAll(client, lane ? apart(send) : send);
  if (gets.length === 0) client.end();
  let answer;
  for (const status of gets) {
    answer = await client.message();
    expect(statusOf(answer)).toBe(status);
    if (status === 400 || status === 431) expect(endedBy(answer)).toBe("client");
  }
  if (after === "open") {
    client.send(`GET /next HTTP/1.1\r\n${H}\r\n`);
    expect(statusOf(await client.message())).toBe(200);
  } else {
    if (answer !== undefined) expect(valueOf(answer.fields, "connection")).toBe("close");
    // Whatever still comes on the connection is not looked at.
    client.send(smuggled);
    client.end();
    await client.seeClosed();
  }
  expect(client.text).toBe("");
  await until(() => path.inFlight === 0, "the end of every request");
  const next = after === "open" ? ["GET /next HTTP/1.1"] : [];
  // Requests that were sent ahead may travel on several connections to the pod.
  expect(requestsIn(bytes).sort()).toEqual((sees === "part" ? [] : [...sees, ...next]).sort());
  expect(pod.failures).toEqual([]);
};

describe.each([
  ["the general engine", false],
  ["the lane", true],
])("%s", (_, lane) => {
  describe.each(Object.entries(subjects))("%s", (_, cases) => {
    test.each(cases.map((one) => [one.what, one] as const))("%s", (_, one) => run(lane, one));
  });
});

test("the table is not cut short", () => {
  const names = Object.values(subjects).flatMap((cases) => cases.map(({ what }) => what));
  expect(names.length).toBeGreaterThanOrEqual(230);
});
