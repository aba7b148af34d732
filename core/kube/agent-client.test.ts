import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../clock.ts";
import { AgentClient } from "./agent-client.ts";

const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

const serve = async (server: net.Server): Promise<string> => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  open.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}`;
};

const agent = (
  answer: (request: http.IncomingMessage, response: http.ServerResponse) => void,
): Promise<string> => serve(http.createServer(answer));

const client = (options: { answerMs?: number } = {}): AgentClient => {
  const made = new AgentClient({ clock: systemClock, token: () => Promise.resolve("secret"), ...options });
  open.push(() => made.close());
  return made;
};

const forever = (): AbortSignal => new AbortController().signal;

test("asks for the pod with the token and takes the first address", async () => {
  const seen: string[] = [];
  const url = await agent((request, response) => {
    seen.push(`${request.url} ${request.headers.authorization}`);
    response.end(JSON.stringify({ ips: ["10.0.0.1", "fd00::1"] }));
  });
  expect(await client().addressOf(url, "uid", forever())).toBe("10.0.0.1");
  expect(seen).toEqual(["/v1/pods/uid/addresses?wait=10000 Bearer secret"]);
});

test("nothing in time is no address", async () => {
  const url = await agent((_, response) => response.writeHead(204).end());
  expect(await client().addressOf(url, "uid", forever())).toBeUndefined();
});

test.each([
  ["no JSON", 200, "<html>"],
  ["another shape", 200, '{"ips":"10.0.0.1"}'],
  ["no address in it", 200, '{"ips":["http://evil/"]}'],
  ["an endless answer", 200, JSON.stringify({ ips: ["1".repeat(10_000)] })],
  ["a refusal", 403, "{}"],
])("%s never becomes an address", async (_, status, body) => {
  const url = await agent((__, response) => response.writeHead(status).end(body));
  const answer = await client()
    .addressOf(url, "uid", forever())
    .catch(() => undefined);
  expect(answer).toBeUndefined();
});

test("an agent that is not there is told at once", async () => {
  const url = await agent(() => undefined);
  for (const close of open.splice(0)) close();
  await expect(client().addressOf(url, "uid", forever())).rejects.toThrow(/ECONNREFUSED/);
});

test("an agent that never answers is given up", async () => {
  const url = await agent(() => undefined);
  await expect(client({ answerMs: 50 }).addressOf(url, "uid", forever())).rejects.toThrow(
    "did not answer in time",
  );
});

test("an agent that dies in between is told of", async () => {
  const url = await serve(net.createServer((socket) => socket.once("data", () => socket.destroy())));
  await expect(client().addressOf(url, "uid", forever())).rejects.toThrow();
});

test("whoever asks may leave", async () => {
  const url = await agent(() => undefined);
  const leave = new AbortController();
  const answer = client().addressOf(url, "uid", leave.signal);
  leave.abort(new Error("left"));
  await expect(answer).rejects.toThrow();
});
