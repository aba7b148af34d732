import { describe, expect, test } from "vitest";
import { DataPath } from "../../helpers/data-path.ts";
import { type RawSocket, statusOf } from "../../helpers/raw-socket.ts";
import { ScriptedPod } from "../../helpers/scripted-pod.ts";
import { type AnswerCase, answers } from "./answers.ts";
import { H, chunked } from "./cases.ts";

const get = `GET / HTTP/1.1\r\n${H}\r\n`;
const next = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext";

/** What is different by this way. */
const wayOf = (one: AnswerCase, way: Way[0]) => (way === "the lane" ? undefined : one[way]);

/** Each way of a request to a pod. */
type Way = readonly [name: "undici" | "node:http" | "the lane", request: string];
const ways: readonly Way[] = [
  ["undici", get],
  ["node:http", chunked("5\r\nhello\r\n0\r\n\r\n")],
  ["the lane", get],
];

/** Says its piece for the first request, and is as it should be from then on. */
const startPod = async (one: AnswerCase) => {
  const served: number[] = [];
  let first = true;
  const pod = await ScriptedPod.start(async (connection, nth) => {
    while (!connection.ended && !connection.closed) {
      if ((await connection.message().catch(() => undefined)) === undefined) return;
      served.push(nth);
      if (first) await say(connection, one);
      else connection.send(next);
      first = false;
    }
  });
  return { pod, served };
};

const say = async (connection: RawSocket, { pod, ends }: AnswerCase): Promise<void> => {
  for (const piece of pod) {
    connection.send(piece);
    if (pod.length > 1) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  if (ends) connection.end();
};

/** Answers that end the client's connection must not be followed by anything. */
const isCut = async (client: RawSocket): Promise<void> => {
  await client.seeClosed();
  expect(client.text).toMatch(/^HTTP\/1\.1 200 /);
  expect(client.text).not.toContain("Evil");
  client.reset();
  await expect(client.message()).rejects.toThrow();
};

const run = async ([way, request]: Way, one: AnswerCase): Promise<void> => {
  const { pod, served } = await startPod(one);
  await using _pod = pod;
  await using path = await DataPath.start({
    dests: [pod.dest],
    config: { lane: way === "the lane", maxTries: 1 },
  });
  let client = await path.connect();
  client.send(request);
  if (one.client === "cut") {
    await isCut(client);
    client = await path.connect();
  } else {
    let answer = await client.message();
    while (statusOf(answer) < 200) answer = await client.message();
    const [status, body] = wayOf(one, way) ?? one.client;
    expect([204, 304].includes(statusOf(answer)) ? 200 : statusOf(answer)).toBe(status);
    if (status === 200) expect(answer.body.toString("latin1")).toBe(body);
    const head = [...answer.fields, ...answer.trailers].join("\n");
    if (one.has !== undefined) expect(head).toContain(one.has.replace(": ", "\n"));
    if (one.hasNot !== undefined) expect(head).not.toContain(one.hasNot);
  }
  client.send(request);
  expect((await client.message()).body.toString()).toBe("next");
  expect(client.text).toBe("");
  if (served[1] === 1) expect(one.reused || wayOf(one, way) !== undefined).toBe(true);
  else expect(one.reused && wayOf(one, way) === undefined).toBe(false);
  expect(pod.failures).toEqual([]);
};

describe.each(ways)("by %s", (...way) => {
  test.each(answers.map((one) => [one.what, one] as const))("%s", (_, one) => run(way, one));
});
