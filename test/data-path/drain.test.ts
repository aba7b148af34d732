import { expect, test } from "vitest";
import { DataPath } from "../helpers/data-path.ts";
import { FakeClock } from "../helpers/fake-clock.ts";
import { RawSocket, statusOf, valueOf } from "../helpers/raw-socket.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const get = (more = "") => `GET / HTTP/1.1\r\nHost: hello.default\r\n${more}\r\n`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const kubelet = get("User-Agent: kube-probe/1.34\r\n");

/** Answers when told to, each request once. */
const gated = async () => {
  const gate = Promise.withResolvers<void>();
  const pod = await ScriptedPod.start(async (connection) => {
    await connection.head();
    await gate.promise;
    connection.send(ok);
  });
  return { pod, open: () => gate.resolve() };
};

const refused = async (port: number): Promise<boolean> => {
  try {
    (await RawSocket.connect(port)).socket.destroy();
    return false;
  } catch {
    return true;
  }
};

test("first not ready but serving; then no new connections; what runs is finished and says goodbye", async () => {
  const clock = new FakeClock();
  const { pod, open } = await gated();
  await using _ = pod;
  await using path = await DataPath.start({ clock, dests: [pod.dest], config: { drainMs: 5000 } });
  const { port } = path;
  const [busy, idle, probe] = [await path.connect(), await path.connect(), await path.connect()];
  probe.send(kubelet);
  expect(statusOf(await probe.message())).toBe(200);
  busy.send(get());
  await until(() => pod.connections[0]?.received);

  const stopped = path.stop(new AbortController().signal);
  probe.send(kubelet);
  const verdict = await probe.message();
  expect([statusOf(verdict), verdict.body.toString()]).toEqual([503, "shutting down\n"]);
  const late = await RawSocket.connect(port);
  late.send(get());
  await until(() => pod.connections[1]?.received);
  expect(idle.ended).toBe(false);

  await clock.advance(5000);
  expect(await refused(port)).toBe(true);
  await idle.seeClosed();
  expect([busy.ended, late.ended]).toEqual([false, false]);
  open();
  for (const client of [busy, late]) {
    const answer = await client.message();
    expect([statusOf(answer), valueOf(answer.fields, "connection")]).toEqual([200, "close"]);
    client.end();
  }
  for (const client of [idle, probe]) client.end();
  await stopped;
  expect(path.listener.connections).toBe(0);
  expect(path.ended).toEqual([200, 200]);
});

test("requests that wait for a pod are waited for as well", async () => {
  await using pod = await ScriptedPod.answering(ok);
  await using path = await DataPath.start();
  const client = await path.connect();
  client.send(get());
  await until(() => path.throttler.queued(path.revision.id) === 1);
  const stopped = path.stop(new AbortController().signal);
  await until(() => refused(path.port ?? 1));
  path.setDests(pod.dest);
  expect(statusOf(await client.message())).toBe(200);
  client.end();
  await stopped;
});

test("an upgraded connection is left until it closes", async () => {
  await using pod = await ScriptedPod.start(async (connection) => {
    await connection.head();
    connection.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n");
    await connection.see("ping");
    connection.send("pong");
  });
  await using path = await DataPath.start({ dests: [pod.dest] });
  const client = await path.connect();
  client.send(get("Connection: upgrade\r\nUpgrade: x\r\n"));
  await client.head();
  const stopped = path.stop(new AbortController().signal);
  await until(() => path.listener.draining);
  client.send("ping");
  await client.see("pong");
  client.end();
  pod.connections[0]!.end();
  await stopped;
  expect(path.ended).toEqual([101]);
});

test("when there is no more time everything is cut, and nothing is left", async () => {
  const clock = new FakeClock();
  const { pod } = await gated();
  await using _ = pod;
  await using path = await DataPath.start({ clock, dests: [pod.dest] });
  const clients = await Promise.all(Array.from({ length: 5 }, () => path.connect()));
  for (const client of clients) client.send(get());
  await until(() => pod.connections.length === 5);
  const time = new AbortController();
  const stopped = path.stop(time.signal);
  await clock.advance(1);
  expect(clients.some(({ ended }) => ended)).toBe(false);
  time.abort();
  await stopped;
  for (const client of clients) {
    expect(statusOf(await client.message())).toBe(503);
    await client.seeClosed();
  }
  for (const connection of pod.connections) await connection.seeClosed();
  await until(() => path.ended.length === 5);
  expect(path.ended).toEqual([503, 503, 503, 503, 503]);
  expect(path.wheel.count).toBe(0);
  expect(clock.pending).toBe(0);
  expect(path.engine.connections).toBe(0);
});

test("a client that does not read its last answer does not hold up the end", async () => {
  const clock = new FakeClock();
  await using pod = await ScriptedPod.answering(ok);
  await using path = await DataPath.start({ clock, dests: [pod.dest], config: { lingerMs: 2000 } });
  const client = await path.connect();
  client.send(get());
  await client.message();
  client.socket.pause();
  const stopped = path.stop(new AbortController().signal);
  await until(() => path.wheel.count > 0);
  await clock.advance(2500);
  await stopped;
});
