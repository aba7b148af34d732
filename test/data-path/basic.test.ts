import { expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { type RawMessage, statusOf, valueOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";

const get = (target = "/", more = "") => `GET ${target} HTTP/1.1\r\nHost: hello.default\r\n${more}\r\n`;

test("a GET goes to the pod and its answer comes back", async () => {
  const seen: RawMessage[] = [];
  await using pod = await ScriptedPod.answering(
    "HTTP/1.1 200 Fine\r\nContent-Length: 2\r\nX-Pod: 1\r\n\r\nhi",
    seen,
  );
  await using path = await DataPath.start({ dests: [pod.dest] });
  const client = await path.connect();
  client.send(get("/a?b=c", "X-Client: 1\r\n"));
  const answer = await client.message();
  expect(answer.first).toBe("HTTP/1.1 200 Fine");
  expect(answer.body.toString()).toBe("hi");
  expect(valueOf(answer.fields, "x-pod")).toBe("1");
  expect(seen[0]!.first).toBe("GET /a?b=c HTTP/1.1");
  expect(valueOf(seen[0]!.fields, "host")).toBe("hello.default");
  client.send(get());
  expect(statusOf(await client.message())).toBe(200);
  expect(pod.connections.length).toBe(1);
});
