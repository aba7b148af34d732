import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startClient, type Client } from "../client.ts";
import { useCluster } from "../cluster.ts";
import { install } from "../e2e/pilotlight.ts";
import { SYSTEM } from "../setup/product.ts";
import { AGENT, agentPid, agentValues, anAgent } from "./agents.ts";

/** A tick of /proc/PID/stat. */
const TICK_MS = 10;
const WATCHED_MS = 10_000;

const status = (pid: number, field: string): number => {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1]) / 1024;
};

const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
};

describe("a node agent", () => {
  const cluster = useCluster();
  let namespace: string;
  let client: Client;
  let url: string;

  beforeAll(async () => {
    await install(cluster(), ...agentValues());
    namespace = await cluster().freeNamespace();
    client = await startClient(cluster(), namespace);
    url = `http://${(await anAgent(cluster())).ip}:9443`;
  });
  afterAll(() => cluster().uninstall());

  const tokenOf = async (account: string, where: string, ...audience: string[]): Promise<string> =>
    (await cluster().kubectl("create", "token", account, "-n", where, ...audience)).trim();

  const ask = async (path: string, token?: string): Promise<number | undefined> => {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    return (await client.fetch({ url: `${url}${path}`, headers })).status;
  };

  test("answers the activators' ServiceAccount with a token for it, and nobody else", async () => {
    const audience = `--audience=${AGENT}`;
    const path = "/v1/pods/00000000-0000-0000-0000-000000000000/addresses?wait=10";
    expect(await ask(path, await tokenOf("pilotlight-activator", SYSTEM, audience))).toBe(204);
    expect(await ask(path, await tokenOf("pilotlight-activator", SYSTEM))).toBe(401);
    expect(await ask(path, await tokenOf("default", namespace, audience))).toBe(403);
    expect(await ask(path, await tokenOf("default", namespace))).toBe(401);
    expect(await ask(path, "made-up")).toBe(401);
    expect(await ask(path)).toBe(401);
    expect(await ask("/v1/hello")).toBe(401);
  });

  test("is small, and does nothing while nobody wakes", async (context) => {
    if (!cluster().isInside) return context.skip("its processes are not here");
    const pid = await agentPid();
    await sleep(3000); // its start is over
    const [before, began] = [cpuMs(pid), performance.now()];
    await sleep(WATCHED_MS);
    const share = (cpuMs(pid) - before) / (performance.now() - began);
    const [all, own] = [status(pid, "VmRSS"), status(pid, "RssAnon")];
    const file = status(pid, "RssFile");
    console.log(
      `node agent: RSS ${all.toFixed(0)} MiB, of which its own ${own.toFixed(0)} and the Node binary's ${file.toFixed(0)}; idle CPU ${(share * 100).toFixed(2)} %`,
    );
    // The binary's pages are the node's page cache, shared with every other part there.
    expect(own).toBeLessThan(60);
    expect(all).toBeLessThan(120);
    expect(share).toBeLessThan(0.05);
  });
});
