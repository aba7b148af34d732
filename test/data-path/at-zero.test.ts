import { describe, expect, test } from "vitest";
import { ActivatorWorld } from "../helpers/activator-world.ts";
import { DataPath } from "../helpers/data-path.ts";
import { PortPath } from "../helpers/port-path.ts";
import { type RawMessage, statusOf, valueOf } from "../helpers/raw-socket.ts";
import { revisionOf } from "../helpers/revision.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const H = "Host: hello.default\r\n";
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const get = (target: string, fields = "") => `GET ${target} HTTP/1.1\r\n${H}${fields}\r\n`;

const ignore = { paths: ["/healthz", "/internal/*"], userAgents: ["*GoogleBot*"], cidrs: [], status: 200 };

describe("ignored", () => {
  test.each([
    ["a path", get("/healthz")],
    ["a path with a query", get("/healthz?full=1")],
    ["a path below another", get("/internal/a/b")],
    ["a user agent, in any case", get("/", "User-Agent: Mozilla/5.0 (compatible; Googlebot/2.1)\r\n")],
  ])("%s wakes nothing and is no load", async (_, request) => {
    await using path = await DataPath.start({ revision: { ignore } });
    const client = await path.connect();
    client.send(request);
    const answer = await client.message();
    expect([statusOf(answer), valueOf(answer.fields, "cache-control")]).toEqual([200, "no-store"]);
    expect([path.woken, path.ended, path.inFlight]).toEqual([0, [], 0]);
    client.send(request);
    expect(statusOf(await client.message())).toBe(200);
  });

  test("a network, with the status that is set", async () => {
    const rules = { ...ignore, cidrs: ["::1/128", "127.0.0.0/8"], status: 503 };
    await using path = await DataPath.start({ revision: { ignore: rules } });
    const client = await path.connect();
    client.send(get("/"));
    expect(statusOf(await client.message())).toBe(503);
    expect(path.woken).toBe(0);
  });

  test.each([
    ["another path", get("/healthz/x")],
    ["another user agent", get("/", "User-Agent: curl/8\r\n")],
    ["no user agent", get("/")],
    ["the path of another case", get("/HEALTHZ")],
  ])("%s wakes", async (_, request) => {
    await using pod = await ScriptedPod.answering(ok);
    const rules = { ...ignore, cidrs: ["10.0.0.0/8"] };
    await using path = await DataPath.start({ revision: { ignore: rules } });
    const client = await path.connect();
    client.send(request);
    await until(() => path.woken === 1);
    path.setDests(pod.dest);
    expect(statusOf(await client.message())).toBe(200);
  });

  test.each([
    ["a network that is ignored is cut", "127.0.0.0/8", 0],
    ["another one is held", "10.0.0.0/8", 1],
  ])("on a TCP port %s", async (_, cidr, woken) => {
    const rules = { ...ignore, paths: ["*"], cidrs: [cidr] };
    await using port = await PortPath.start("tcp", { revision: { ignore: rules } });
    // It may be cut before it knows that it was connected.
    const client = await port.connect().catch(() => undefined);
    client?.send("hello");
    if (woken === 0) await client?.seeClosed();
    else await until(() => port.path.throttler.queued(port.path.revision.id) === 1);
    expect(port.path.woken).toBe(woken);
  });

  test("goes to the pod while there is one", async () => {
    await using pod = await ScriptedPod.answering(ok);
    await using path = await DataPath.start({ dests: [pod.dest], revision: { ignore } });
    const client = await path.connect();
    client.send(get("/healthz"));
    expect((await client.message()).body.toString()).toBe("ok");
    expect(path.ended).toEqual([200]);
  });
});

describe("the waiting page", () => {
  const accept = "Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\n";
  const navigation = get("/a?b", `${accept}Sec-Fetch-Mode: navigate\r\n`);
  const waitingPage = { title: undefined, theme: "auto" } as const;

  const pageOf = async (page: { title: string | undefined; theme: "auto" | "dark" }): Promise<RawMessage> => {
    await using path = await DataPath.start({ revision: { waitingPage: page }, usualStartMs: 7000 });
    const client = await path.connect();
    client.send(navigation);
    const answer = await client.message();
    expect([path.woken, path.ended]).toEqual([1, [503]]);
    return answer;
  };

  test("wakes the Service, counts as a request, and looks again by itself", async () => {
    const answer = await pageOf(waitingPage);
    expect(statusOf(answer)).toBe(503);
    expect(valueOf(answer.fields, "content-type")).toBe("text/html; charset=utf-8");
    expect(valueOf(answer.fields, "cache-control")).toBe("no-store");
    expect(valueOf(answer.fields, "retry-after")).toBe("4");
    expect(answer.body.toString()).toContain('<meta http-equiv="refresh" content="4">');
    expect(answer.body.toString()).toContain("<title>hello</title>");
    expect(answer.body.length).toBeLessThan(2000);
  });

  test("loads nothing, runs nothing, and says so", async () => {
    const answer = await pageOf(waitingPage);
    expect(valueOf(answer.fields, "content-security-policy")).toMatch(
      /^default-src 'none'; style-src 'sha256-/,
    );
    expect(answer.body.toString()).not.toMatch(/<script|src=|href=|url\(|@import|\son\w+=/i);
  });

  test("a title is text, whatever it looks like", async () => {
    const answer = await pageOf({ title: `</title><script>alert("'&")</script>`, theme: "dark" });
    const html = answer.body.toString();
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;/title&gt;&lt;script&gt;alert(&quot;&#39;&amp;&quot;)");
    expect(html).toContain('class="dark"');
  });

  test("then the pod's answer, by the same request", async () => {
    await using pod = await ScriptedPod.answering(ok);
    await using path = await DataPath.start({ revision: { waitingPage } });
    const client = await path.connect();
    client.send(navigation);
    expect(statusOf(await client.message())).toBe(503);
    path.setDests(pod.dest);
    client.send(navigation);
    expect((await client.message()).body.toString()).toBe("ok");
  });

  test("also for a browser that does not say what it does", async () => {
    await using path = await DataPath.start({ revision: { waitingPage } });
    const client = await path.connect();
    client.send(get("/", accept));
    expect(valueOf((await client.message()).fields, "content-type")).toContain("text/html");
  });

  test.each([
    ["a program", get("/", "Accept: */*\r\n")],
    ["JSON", get("/", "Accept: application/json, text/html\r\n")],
    ["a script's request", get("/", `${accept}Sec-Fetch-Mode: cors\r\n`)],
    ["an image", get("/", "Accept: image/png\r\nSec-Fetch-Mode: navigate\r\n")],
    ["a form", get("/", accept).replace("GET", "POST")],
    ["HEAD", get("/", accept).replace("GET", "HEAD")],
    ["an upgrade", get("/", `${accept}Connection: Upgrade\r\nUpgrade: websocket\r\n`)],
  ])("%s is held", async (_, request) => {
    await using path = await DataPath.start({ revision: { waitingPage } });
    const client = await path.connect();
    client.send(request);
    await until(() => path.throttler.queued(path.revision.id) === 1);
    expect(client.received).toBe(0);
  });

  test("not where it is not asked for", async () => {
    await using path = await DataPath.start();
    const client = await path.connect();
    client.send(navigation);
    await until(() => path.throttler.queued(path.revision.id) === 1);
    expect(client.received).toBe(0);
  });
});

test("in a whole activator: what is ignored leaves the scale at 0, a page raises it once", async () => {
  await using pod = await ScriptedPod.answering(ok);
  await using all = new ActivatorWorld();
  const id = "default/hello";
  all.world.setRevision(revisionOf({ ignore, waitingPage: { title: undefined, theme: "auto" } }));
  await all.activator.start();
  const client = await all.front();
  client.send(get("/healthz", "Accept: text/html\r\n"));
  expect(statusOf(await client.message())).toBe(200);
  expect(all.world.applied).toEqual([]);
  for (let i = 0; i < 3; i++) {
    client.send(get("/", "Accept: text/html\r\n"));
    expect(statusOf(await client.message())).toBe(503);
  }
  await until(() => all.world.applied.length > 0);
  expect(all.world.applied).toEqual([{ id, replicas: 1, onlyIf: 0 }]);
  all.world.setDests(id, { ready: [pod.dest] });
  await until(async () => {
    client.send(get("/", "Accept: text/html\r\n"));
    return (await client.message()).body.toString() === "ok";
  }, "the pod's answer");
  expect(all.activator.traffic(id).coldStarts).toBe(1);
});
