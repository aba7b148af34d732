import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RawSocket, statusOf, valueOf } from "../../helpers/raw-socket.ts";
import { DataPath } from "../../helpers/data-path.ts";
import { ScriptedPod } from "../../helpers/scripted-pod.ts";
import { TwoServices } from "../../helpers/two-services.ts";
import { until } from "../../helpers/until.ts";

const H = "Host: a\r\n";
const config = { maxUnfinishedHeadBytes: 1_000_000 };
let clients: RawSocket[] = [];
beforeEach(() => (clients = []));
afterEach(() => clients.forEach((client) => client.reset()));
const refused = () => clients.filter(({ text }) => text.startsWith("HTTP/1.1 429 ")).length;

describe.each([
  ["the general engine", false],
  ["the lane", true],
])("heads that do not come to their end, %s", (_, lane) => {
  /** A head of 50,000 bytes but for its end, in two pieces. */
  const begin = (client: RawSocket): void => {
    client.send(`GET / HTTP/1.1\r\n${H}X-A: ${"a".repeat(20_000)}`);
    setImmediate(() => client.send("a".repeat(30_000)));
  };

  test("one port may have half of the memory; what is more is refused, and the other Service has its own", async () => {
    await using two = await TwoServices.start({ lane, ...config });
    clients = await two.attackers(40);
    clients.forEach(begin);
    // 500,000 bytes are ten of them, or some more whose second half had no room.
    await until(() => refused() >= 15, "the refusals");
    const one = clients.find(({ text }) => text.startsWith("HTTP/1.1 429 "))!;
    const answer = await one.message();
    expect(valueOf(answer.fields, "retry-after")).toBe("1");
    expect(JSON.parse(answer.body.toString())).toMatchObject({ error: { code: "overloaded" } });
    await one.seeClosed();
    await two.expectCalm();
    const slow = await two.calm();
    clients.push(slow);
    slow.send(`GET / HTTP/1.1\r\n${H}X-`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    slow.send("A: b\r\n\r\n");
    expect(statusOf(await slow.message())).toBe(200);
  });

  test("whole heads of any size and number are no load, nor are bodies", async () => {
    await using two = await TwoServices.start({ lane, ...config });
    clients = await two.attackers(30);
    for (const client of clients) {
      client.send(`POST / HTTP/1.1\r\n${H}X-A: ${"a".repeat(30_000)}\r\nContent-Length: 60000\r\n\r\n`);
      client.send("b".repeat(50_000));
      setImmediate(() => client.send("b".repeat(10_000)));
    }
    for (const client of clients) expect(statusOf(await client.message())).toBe(200);
    expect(refused()).toBe(0);
  });

  test("what is sent ahead of answers has its bound too: the present answer is the last one, and all is well after it", async () => {
    const answers: (() => void)[] = [];
    await using pod = await ScriptedPod.start(async (connection) => {
      for (;;) {
        await connection.head();
        await new Promise<void>((resolve) => answers.push(resolve));
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    });
    await using path = await DataPath.start({
      config: { lane, maxUnfinishedHeadBytes: 200_000 },
      dests: [pod.dest],
    });
    const one = `POST / HTTP/1.1\r\nHost: hello.default\r\nContent-Length: 0\r\n`;
    clients = await Promise.all(Array.from({ length: 10 }, () => path.connect()));
    for (const client of clients) client.send(`${one}\r\n`);
    await until(() => answers.length === 10, "the requests at the pod");
    for (const client of clients) client.send(`${one}X-A: ${"a".repeat(40_000)}\r\n\r\n`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const done = setInterval(() => answers.splice(0).forEach((answer) => answer()), 10);
    try {
      const first = await Promise.all(clients.map((client) => client.message()));
      for (const answer of first) expect(statusOf(answer)).toBe(200);
      // Half of 200,000 has room for two heads of 40,000; the general engine has read each whole before it counts it.
      const last = first.filter(({ fields }) => valueOf(fields, "connection") === "close").length;
      const more = await Promise.all(
        clients.map(async (client) => {
          await until(() => client.ended || client.text.length > 0);
          return client.text === "" ? "the end" : statusOf(await client.message());
        }),
      );
      const ends = more.filter((outcome) => outcome === "the end").length;
      expect([ends, more.filter((outcome) => outcome === 200).length]).toEqual(lane ? [8, 2] : [0, 10]);
      expect(last).toBe(lane ? 8 : 0);
      const next = await path.connect();
      clients.push(next);
      next.send(`${one}\r\n`);
      expect(statusOf(await next.message())).toBe(200);
    } finally {
      clearInterval(done);
    }
  });

  test("room comes back when a head ends, and when its connection does", async () => {
    await using two = await TwoServices.start({ lane, ...config });
    for (let round = 0; round < 5; round++) {
      const some = await two.attackers(8);
      clients.push(...some);
      some.forEach(begin);
      await new Promise((resolve) => setTimeout(resolve, 100));
      const [ends, goes] = [some.slice(0, 4), some.slice(4)];
      for (const client of goes) client.reset();
      for (const client of ends) client.send("\r\n\r\n");
      for (const client of ends) expect(statusOf(await client.message())).toBe(200);
      await until(async () => (await two.connections()) === 4 * (round + 1), "the resets to be seen");
    }
    expect(refused()).toBe(0);
  });
});

test("HTTP/2: heads in pieces count as the largest that may be, and the connection ends", async () => {
  await using two = await TwoServices.start(config);
  const { port, hostname } = new URL(two.url("attacked"));
  const begun = Buffer.concat([
    Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
    // HEADERS on stream 1 without END_HEADERS: `:method: GET`.
    Buffer.from([0, 0, 1, 1, 1, 0, 0, 0, 1, 0x82]),
  ]);
  const goaways = await Promise.all(
    Array.from({ length: 20 }, () => {
      const socket = connect(Number(port), hostname);
      socket.on("error", () => {});
      socket.write(begun);
      return new Promise<boolean>((resolve) => {
        setTimeout(() => resolve(false), 1500).unref();
        socket.on("close", () => resolve(true)).resume();
      });
    }),
  );
  // Half of a million has room for seven heads of 64 KiB.
  expect(goaways.filter((ended) => !ended).length).toBe(7);
  await two.expectCalm();
});
