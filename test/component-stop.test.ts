import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";

/** A port where nobody listens. */
const deadPort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

test.each(["activator", "autoscaler"])(
  "%s: ends on SIGTERM though it never reached the cluster",
  async (part) => {
    const folder = mkdtempSync(join(tmpdir(), "pilotlight-component-"));
    const config = join(folder, "config");
    writeFileSync(
      config,
      JSON.stringify({
        "current-context": "c",
        clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${await deadPort()}` } }],
        users: [{ name: "c", user: {} }],
        contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
      }),
    );
    const child = spawn(process.execPath, ["cli/main.ts", part], {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"],
        KUBECONFIG: config,
        PILOTLIGHT_HOST: "127.0.0.1",
        PILOTLIGHT_ADMIN_PORT: "0",
        PILOTLIGHT_STAT_PORT: "0",
      },
    });
    const ended = once(child, "exit");
    for await (const line of createInterface(child.stdout)) {
      if (line.includes("watch broke")) break;
    }
    child.stdout.resume();
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    rmSync(folder, { recursive: true });
  },
);
