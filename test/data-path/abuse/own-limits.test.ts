import { constants } from "node:http2";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Http2Client } from "../../helpers/http2-client.ts";
import { type RawSocket, statusOf } from "../../helpers/raw-socket.ts";
import { TwoServices } from "../../helpers/two-services.ts";
import { until } from "../../helpers/until.ts";

let clients: RawSocket[] = [];
beforeEach(() => (clients = []));
afterEach(() => clients.forEach((client) => client.reset()));
const open = (of: readonly RawSocket[]) => of.filter(({ ended, closed }) => !ended && !closed).length;

describe.each([
  ["the general engine", false],
  ["the lane", true],
])("limits of one Service, %s", (_, lane) => {
  test("its connections are cut, and the other Service has as many as ever", async () => {
    await using two = await TwoServices.start({ lane }, { attacked: { clientLimits: { connections: 10 } } });
    clients = await two.attackers(50);
    await until(() => open(clients) === 10, "all but ten to be cut");
    const others = await Promise.all(Array.from({ length: 50 }, () => two.calm()));
    for (const other of others) other.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    for (const other of others) expect(statusOf(await other.message())).toBe(200);
    clients.push(...others);
  });

  test("a higher limit than the activator's counts too", async () => {
    await using two = await TwoServices.start(
      { lane, maxConnectionsPerPort: 5 },
      { attacked: { clientLimits: { connections: 20 } } },
    );
    clients = await two.attackers(30);
    await until(() => open(clients) === 20, "all but twenty to be cut");
    const others = await Promise.all(Array.from({ length: 30 }, () => two.calm()));
    clients.push(...others);
    await until(() => open(others) === 5, "all but five to be cut");
  });

  test("of one client: it may have more with the other Service, and again when some have gone", async () => {
    await using two = await TwoServices.start(
      { lane },
      { attacked: { clientLimits: { connectionsPerClient: 3 } } },
    );
    clients = await two.attackers(10);
    await until(() => open(clients) === 3, "all but three to be cut");
    await two.expectCalm();
    for (const client of clients.splice(0)) client.reset();
    await until(async () => (await two.connections()) === 0);
    const next = await two.attack();
    clients.push(next);
    next.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    expect(statusOf(await next.message())).toBe(200);
  });
});

describe("limits of one Service's HTTP/2 connections", () => {
  const both = (clientLimits: object) => TwoServices.start({}, { attacked: { clientLimits } });

  test("requests at a time", async () => {
    await using two = await both({ streams: 7 });
    using attacker = await Http2Client.connect(two.url("attacked"));
    using other = await Http2Client.connect(two.url("calm"));
    expect(attacker.session.remoteSettings.maxConcurrentStreams).toBe(7);
    expect(other.session.remoteSettings.maxConcurrentStreams).toBe(250);
  });

  test("requests that are reset at once", async () => {
    await using two = await both({ resets: 10 });
    const outcomes = await Promise.all(
      (["attacked", "calm"] as const).map(async (name) => {
        using client = await Http2Client.connect(two.url(name));
        for (let i = 0; i < 50 && !client.session.destroyed; i++) {
          const stream = client.request();
          if (!stream.pending) stream.close(constants.NGHTTP2_CANCEL);
          else stream.on("ready", () => stream.close(constants.NGHTTP2_CANCEL));
          await new Promise((resolve) => stream.on("close", resolve));
        }
        return client.session.destroyed ? "ended" : (await client.ask()).status;
      }),
    );
    expect(outcomes).toEqual(["ended", 200]);
  });

  test("PING frames", async () => {
    await using two = await both({ controlFrames: 20 });
    const outcomes = await Promise.all(
      (["attacked", "calm"] as const).map(async (name) => {
        using client = await Http2Client.connect(two.url(name));
        for (let i = 0; i < 100 && !client.session.destroyed; i++)
          await new Promise<void>((resolve) => client.session.ping(() => resolve()));
        return client.session.destroyed ? "ended" : (await client.ask()).status;
      }),
    );
    expect(outcomes).toEqual(["ended", 200]);
  });
});
