import http, { type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { startClient } from "../client.ts";
import { useCluster } from "../cluster.ts";
import { install } from "../e2e/pilotlight.ts";
import { NODE_IP } from "../setup/sandbox.ts";
import { agentPid, agentValues, anAgent, noStandIn, standIn, withoutAgents } from "./agents.ts";
import { type AtZero, coldStart } from "./services.ts";

/** In the pods' own range, and nobody's. */
const NOBODY = "198.19.0.250";

const answered = (name: string) => ({ status: 200, body: expect.stringContaining(`from ${name}-`) });

describe("a cold start with node agents", () => {
  const cluster = useCluster();
  let at: AtZero;

  beforeAll(async () => {
    await install(cluster(), ...agentValues());
    const namespace = await cluster().freeNamespace();
    at = { cluster: cluster(), namespace, client: await startClient(cluster(), namespace) };
  });
  afterAll(() => cluster().uninstall());

  test("the agent knows the address first, and the answer says so", async () => {
    await anAgent(cluster());
    const seen: string[][] = [];
    // kubelet may happen to look just then: one of a few is enough.
    for (let i = 0; i < 3 && !seen.some((phases) => phases.includes("cold-agent")); i++) {
      const start = await coldStart(at, `told-${i}`);
      expect(start).toMatchObject(answered(`told-${i}`));
      seen.push(start.phases);
    }
    expect(seen.at(-1)).toContain("cold-agent");
  });

  test("an agent that was killed costs nothing but its help", async (context) => {
    if (!cluster().isInside) return context.skip("only processes of our own cluster may be killed");
    process.kill(await agentPid(), "SIGKILL");
    expect(await coldStart(at, "killed")).toMatchObject(answered("killed"));
  });

  test("nor does one that accepts and says nothing", async (context) => {
    if (!cluster().isInside) return context.skip("only processes of our own cluster may be stopped");
    await anAgent(cluster());
    const pid = await agentPid();
    process.kill(pid, "SIGSTOP");
    try {
      const { phases, ...answer } = await coldStart(at, "mute");
      expect(answer).toMatchObject(answered("mute"));
      expect(phases).not.toContain("cold-agent");
      expect(phases).toContain("cold-address");
    } finally {
      process.kill(pid, "SIGCONT");
    }
  });

  describe("where it has no agent of ours", () => {
    let node: string;
    const servers = new DisposableStack();

    beforeAll(async () => {
      ({ node } = await anAgent(cluster()));
      await withoutAgents(cluster());
    });
    afterEach(() => noStandIn(cluster()));
    afterAll(() => servers.dispose());

    const serve = async (listener: RequestListener): Promise<void> => {
      const server = http.createServer(listener);
      await new Promise<void>((resolve) => void server.listen(0, NODE_IP, resolve));
      servers.defer(() => {
        server.close();
        server.closeAllConnections();
      });
      await standIn(cluster(), { ip: NODE_IP, port: (server.address() as AddressInfo).port, node });
    };

    test("none at all", async () => {
      const { phases, ...answer } = await coldStart(at, "none");
      expect(answer).toMatchObject(answered("none"));
      expect(phases).not.toContain("cold-agent");
    });

    test("one behind an address where nobody is", async (context) => {
      if (!cluster().isInside) return context.skip("its network is not known");
      await standIn(cluster(), { ip: NOBODY, port: 9443, node });
      const { phases, ...answer } = await coldStart(at, "nobody");
      expect(answer).toMatchObject(answered("nobody"));
      expect(phases).not.toContain("cold-agent");
    });

    test.each<[string, string, RequestListener]>([
      ["names-a-wrong-address", "cold-agent", (_, response) => response.end(`{"ips":["${NOBODY}"]}`)],
      ["names-no-address", "cold-address", (_, response) => response.end('{"ips":["not an address"]}')],
      ["talks-nonsense", "cold-address", (_, response) => response.end("<html>")],
      ["fails", "cold-address", (_, response) => response.writeHead(500).end()],
      ["hangs-up", "cold-address", (request) => request.socket.destroy()],
    ])("one that %s", async (name, phase, listener) => {
      if (!cluster().isInside) return;
      const asked: string[] = [];
      await serve((request, response) => {
        if (!request.url!.includes("/v1/hello")) asked.push(request.url!);
        listener(request, response);
      });
      const { phases, ...answer } = await coldStart(at, name);
      expect(answer).toMatchObject(answered(name));
      expect(phases).toContain(phase);
      expect(asked).not.toEqual([]);
    });
  });
});
