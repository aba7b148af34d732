import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import type { Route } from "#core/ports.ts";
import { ActivatorWorld } from "../helpers/activator-world.ts";
import { RawSocket, statusOf, valueOf } from "../helpers/raw-socket.ts";
import { revisionOf } from "../helpers/revision.ts";
import { ScriptedPod } from "../helpers/scripted-pod.ts";
import { until } from "../helpers/until.ts";

const id = "default/hello";
const get = (more = "", host = "hello.default") => `GET / HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** Ports that were free a moment ago. */
const freePorts = async (n: number): Promise<number[]> => {
  const servers = Array.from({ length: n }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, "127.0.0.1"), "listening");
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return ports;
};
const routeTo = (port: number, to = id, portIndex = 0): Route => ({
  id: to,
  portIndex,
  host: "127.0.0.1",
  port,
});

describe("a cold start", () => {
  test("the request waits, the scale is raised, the pod answers; who waited is told how long", async () => {
    await using pod = await ScriptedPod.answering(ok);
    await using all = new ActivatorWorld();
    all.world.setRevision(revisionOf());
    await all.activator.start();
    const client = await all.front();
    client.send(get());
    await until(() => all.world.applied.length === 1);
    expect(all.world.applied).toEqual([{ id, replicas: 1, onlyIf: 0 }]);
    expect(all.activator.traffic(id)).toMatchObject({ inFlight: 0, queued: 1, coldStarts: 0 });
    expect(all.stats[0]).toMatchObject({
      id,
      stat: { podName: "activator-1", averageConcurrentRequests: 1 },
    });
    await until(() => all.world.watching(id) === 1);
    all.world.emit(id, { kind: "phase", pod: "hello-1", phase: "created" });
    all.world.emit(id, { kind: "address", dest: pod.dest });
    const answer = await client.message();
    expect([statusOf(answer), answer.body.toString()]).toEqual([200, "ok"]);
    expect(valueOf(answer.fields, "server-timing")).toMatch(/^cold;dur=\d+\.\d, cold-/);
    const { coldStarts, lastColdStartMs, queued } = all.activator.traffic(id);
    expect([coldStarts, queued]).toEqual([1, 0]);
    expect(lastColdStartMs).toBeGreaterThan(0);

    client.send(get());
    expect(valueOf((await client.message()).fields, "server-timing")).toBe(undefined);
    const { text } = await all.page("/metrics");
    const labels = 'namespace="default",service="hello"';
    expect(text).toContain(`pilotlight_requests_total{${labels},code="200"} 2`);
    expect(text).toContain(`pilotlight_cold_starts_total{${labels},outcome="accepted"} 1`);
    expect(text).toContain(`pilotlight_cold_start_seconds_count{${labels}} 1`);
    expect(text).toContain(`pilotlight_queue_wait_seconds_count{${labels}} 1`);
    expect(text).toContain(`pilotlight_requests_in_flight{${labels}} 0`);
    expect(text).toMatch(/pilotlight_cold_start_phase_seconds_count\{[^}]*phase="accepted"\} 1/);
    expect(text).toContain("pilotlight_client_connections 1");

    all.world.removeRevision(id);
    expect((await all.page("/metrics")).text).not.toContain('service="hello"');
    client.send(get());
    expect(statusOf(await client.message())).toBe(404);
  });

  test("a pod that cannot start ends the wait with the cluster's reason", async () => {
    await using all = new ActivatorWorld();
    all.world.setRevision(revisionOf());
    await all.activator.start();
    const client = await all.front();
    client.send(get());
    await until(() => all.world.watching(id) === 1);
    all.world.emit(id, { kind: "failed", reason: "ImagePullBackOff", detail: "no such image" });
    const answer = await client.message();
    expect(statusOf(answer)).toBe(503);
    expect(answer.body.toString()).toContain("ImagePullBackOff");
    expect(valueOf(answer.fields, "retry-after")).toBeDefined();
  });

  test("the queue is bounded: one more is told to come back", async () => {
    await using all = new ActivatorWorld();
    all.world.setRevision(revisionOf({ queueDepth: 2 }));
    await all.activator.start();
    const clients = await Promise.all([all.front(), all.front(), all.front()]);
    for (const client of clients) client.send(get());
    const answer = await clients[2].message();
    expect(statusOf(answer)).toBe(503);
    expect(answer.body.toString()).toContain("queue_full");
    expect(Number(valueOf(answer.fields, "retry-after"))).toBeGreaterThan(0);
  });
});

describe("ports", () => {
  test("a port is a Service whatever the Host says; they come, change and go while it runs", async () => {
    const [first, second] = await freePorts(2);
    await using one = await ScriptedPod.answering(ok.replace("ok", "h1"));
    await using two = await ScriptedPod.answering(ok.replace("ok", "o2"));
    await using all = new ActivatorWorld();
    const other = revisionOf({ id: "shop/other", namespace: "shop", name: "other" });
    all.world.setRevision(revisionOf());
    all.world.setRevision(other);
    all.world.setDests(id, { ready: [one.dest] });
    all.world.setDests(other.id, { ready: [two.dest] });
    all.setRoutes(routeTo(first!));
    await all.activator.start();
    const ask = async (client: RawSocket) => {
      client.send(get("", "anything.example"));
      return (await client.message()).body.toString();
    };
    const client = await RawSocket.connect(first!);
    expect(await ask(client)).toBe("h1");
    all.setRoutes(routeTo(first!), routeTo(second!, other.id));
    const later = await until(() => RawSocket.connect(second!).catch(() => undefined));
    expect(await ask(later)).toBe("o2");
    all.setRoutes(routeTo(first!, other.id));
    expect(await ask(client)).toBe("o2");
    await later.seeClosed();
    await expect(RawSocket.connect(second!)).rejects.toThrow(/ECONNREFUSED/);
  });

  test("the second port of a Service goes to the pod's second port", async () => {
    const [port] = await freePorts(1);
    await using web = await ScriptedPod.answering(ok);
    await using side = await ScriptedPod.answering(ok.replace("ok", "2!"));
    await using all = new ActivatorWorld();
    const ports = [web.dest.ports[0]!, side.dest.ports[0]!];
    all.world.setRevision(revisionOf());
    all.world.setDests(id, { ready: [{ ...web.dest, ports }] });
    all.setRoutes(routeTo(port!, id, 1));
    await all.activator.start();
    const client = await RawSocket.connect(port!);
    client.send(get());
    expect((await client.message()).body.toString()).toBe("2!");
  });

  test("a port that is taken is had as soon as it is free, and the others do not wait", async () => {
    const squatter = createServer();
    await once(squatter.listen(0, "127.0.0.1"), "listening");
    const taken = (squatter.address() as AddressInfo).port;
    await using pod = await ScriptedPod.answering(ok);
    await using all = new ActivatorWorld();
    all.world.setRevision(revisionOf());
    all.world.setDests(id, { ready: [pod.dest] });
    all.setRoutes(routeTo(taken));
    await all.activator.start();
    expect(statusOf(await request(await all.front()))).toBe(200);
    await new Promise((resolve) => squatter.close(resolve));
    const client = await until(() => RawSocket.connect(taken).catch(() => undefined));
    expect(statusOf(await request(client))).toBe(200);
  });

  test("a thousand ports", async () => {
    const ports = await freePorts(1000);
    await using pod = await ScriptedPod.answering(ok);
    await using all = new ActivatorWorld();
    all.world.setRevision(revisionOf());
    all.world.setDests(id, { ready: [pod.dest] });
    all.setRoutes(...ports.map((port) => routeTo(port)));
    await all.activator.start();
    for (const port of [ports[0]!, ports[500]!, ports[999]!]) {
      expect(statusOf(await request(await RawSocket.connect(port)))).toBe(200);
    }
  });
});

const request = async (client: RawSocket) => {
  client.send(get());
  return client.message();
};

describe("probes", () => {
  test.each([
    ["kubelet", "User-Agent: kube-probe/1.34\r\n", 200, ""],
    ["kubelet through a mesh", "K-Kubelet-Probe: queue\r\n", 200, ""],
    ["the autoscaler", "K-Network-Probe: activator\r\n", 200, "activator"],
    ["an ingress", "K-Network-Probe: probe\r\nK-Network-Hash: abc\r\n", 200, ""],
    ["an ingress without its hash", "K-Network-Probe: probe\r\n", 400, "bad_probe"],
    ["another one", "K-Network-Probe: queue\r\n", 400, "bad_probe"],
  ])("%s", async (_, fields, status, text) => {
    await using all = new ActivatorWorld();
    await all.activator.start();
    const client = await all.front();
    client.send(get(fields));
    const answer = await client.message();
    expect(statusOf(answer)).toBe(status);
    expect(answer.body.toString()).toContain(text);
    if (fields.includes("Hash")) expect(valueOf(answer.fields, "k-network-hash")).toBe("abc");
  });

  test("Knative's fields name the Service on the front port, and do not reach it", async () => {
    const seen: Parameters<typeof ScriptedPod.answering>[1] = [];
    await using pod = await ScriptedPod.answering(ok, seen);
    await using all = new ActivatorWorld();
    all.world.setRevision(revisionOf());
    all.world.setDests(id, { ready: [pod.dest] });
    await all.activator.start();
    const client = await all.front();
    client.send(
      get("Knative-Serving-Namespace: default\r\nKnative-Serving-Revision: hello\r\n", "x.example"),
    );
    expect(statusOf(await client.message())).toBe(200);
    expect(seen[0]!.fields.filter((name) => name.startsWith("Knative"))).toEqual([]);
  });

  test("readiness follows the life of the process, liveness does not", async () => {
    const all = new ActivatorWorld({ config: { drainMs: 60_000 } });
    await all.activator.start();
    expect(await all.page("/readyz")).toEqual({ status: 200, text: "ok\n" });
    const time = new AbortController();
    const stopped = all.stop(time.signal);
    expect(await all.page("/readyz")).toEqual({ status: 503, text: "shutting down\n" });
    expect((await all.page("/healthz")).status).toBe(200);
    time.abort();
    await stopped;
    await expect(all.page("/healthz")).rejects.toThrow();
  });
});
