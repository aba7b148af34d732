import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type RawSocket, statusOf } from "../../helpers/raw-socket.ts";
import { TwoServices } from "../../helpers/two-services.ts";
import { until } from "../../helpers/until.ts";

const H = "Host: a\r\n";
const get = `GET / HTTP/1.1\r\n${H}\r\n`;

describe.each([
  ["the general engine", false],
  ["the lane", true],
])("%s", (_, lane) => {
  let clients: RawSocket[] = [];
  beforeEach(() => (clients = []));
  afterEach(() => clients.forEach((client) => client.reset()));
  const open = () => clients.filter(({ ended, closed }) => !ended && !closed).length;

  test("more connections than a port may have are cut, and the other Service has its own", async () => {
    await using two = await TwoServices.start({ lane, maxConnections: 120, maxConnectionsPerPort: 100 });
    clients = await two.attackers(300);
    await until(() => open() === 100, "all but a hundred to be cut");
    await two.expectCalm();
    clients.find(({ ended, closed }) => !ended && !closed)!.reset();
    await until(() => open() === 99);
    await until(async () => (await two.connections()) === 99);
    const next = await two.attack();
    next.send(get);
    expect(statusOf(await next.message())).toBe(200);
  });

  test("more connections than one client may have are cut", async () => {
    await using two = await TwoServices.start({ lane, maxConnectionsPerClient: 20 });
    clients = await two.attackers(50);
    await until(() => open() === 20);
    for (const client of clients) client.reset();
    // They came from the same address: with them gone it may connect again.
    await until(async () => (await two.connections()) === 0);
    await two.expectCalm();
  });

  test("a thousand heads that never end: each has its time, and the other Service all of ours", async () => {
    await using two = await TwoServices.start({ lane, headTimeoutMs: 1500 });
    clients = await two.attackers(1000);
    for (const client of clients) client.send(`GET / HTTP/1.1\r\n${H}X-A: `);
    await two.expectCalm();
    await until(() => open() === 0, "every head's time to pass");
    await two.expectCalm();
  });

  test("heads of a megabyte are refused, and not kept", async () => {
    await using two = await TwoServices.start({ lane });
    const bomb = Buffer.from(`GET / HTTP/1.1\r\n${H}X-A: ${"a".repeat(1_000_000)}\r\n\r\n`);
    clients = await two.attackers(300);
    const before = process.memoryUsage().rss;
    for (const client of clients) client.send(bomb);
    await two.expectCalm();
    await until(() => open() === 0, "every one to be refused");
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    for (const client of clients) if (client.received > 0) expect(client.text).toMatch(/^HTTP\/1\.1 431 /);
    await two.expectCalm();
  });

  test("bodies of requests that are held stay where they are", async () => {
    await using two = await TwoServices.start({ lane }, { pods: false });
    const body = Buffer.alloc(10_000_000, "x");
    clients = await two.attackers(100);
    const before = process.memoryUsage().rss;
    for (const client of clients) {
      client.send(`POST / HTTP/1.1\r\n${H}Content-Length: ${body.length}\r\n\r\n`);
      client.send(body);
    }
    await until(() => two.all.activator.traffic("default/attacked").queued === 100);
    await two.expectCalm();
    // A gigabyte was offered; at most 128 KiB of each may be here.
    expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  });

  test("a flood of requests for a Service at zero spills, and the other one is served", async () => {
    await using two = await TwoServices.start({ lane, maxHeldBytesPerService: 1_000_000 }, { pods: false });
    clients = await two.attackers(1000);
    for (const client of clients) client.send(get);
    await until(() => clients.filter(({ received }) => received > 0).length > 400, "the spill");
    const spilt = clients.find(({ received }) => received > 0)!;
    expect(statusOf(await spilt.message())).toBe(503);
    await two.expectCalm();
    expect(two.all.activator.traffic("default/attacked").queued).toBeGreaterThan(400);
  });
});
