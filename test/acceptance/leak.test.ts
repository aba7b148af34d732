import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { freePort, untilConnects } from "../../bench/cold-start/floor.ts";

const WARM_UP = 60_000;
const REQUESTS = 200_000;
const CLIENTS = 20;
const MIB = 1024 * 1024;

interface Size {
  readonly rss: number;
  readonly heap: number;
  readonly descriptors: number;
  readonly timers: number;
}

const ask = async (child: ChildProcess, message: string): Promise<Size> => {
  child.send(message);
  const [answer] = (await once(child, "message")) as [Size];
  return answer;
};

/** Sends `count` requests over 20 connections that are closed afterwards; every answer must be right. */
const load = async (port: number, count: number): Promise<void> => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CLIENTS });
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) {
      const status = await new Promise<number>((resolve, reject) => {
        const request = http.get({ port, host: "127.0.0.1", agent, path: "/?ms=0" }, (response) => {
          response
            .resume()
            .on("end", () => resolve(response.statusCode!))
            .on("error", reject);
        });
        request.on("error", reject);
      });
      if (status !== 200) throw new Error(`answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
};

/** Asks until no connection is left on either side, then takes the size. */
const idleSize = async (child: ChildProcess, descriptors: number): Promise<Size> => {
  for (let i = 0; ; i++) {
    const size = await ask(child, "measure");
    if (size.descriptors <= descriptors || i > 100) return size;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

test(
  "200,000 requests later: the same memory, the same descriptors, no timer",
  { timeout: 600_000 },
  async () => {
    const [podPort, port] = [await freePort(), await freePort()];
    const pod = spawn(process.execPath, [resolve(import.meta.dirname, "worker-app.mjs")], {
      env: { ...process.env, PORT: String(podPort) },
    });
    const child = fork(resolve(import.meta.dirname, "leak-child.ts"), [String(podPort), String(port)], {
      // The young generation as the chart sets it: by default V8 lets it grow to 100 MB before it settles.
      execArgv: ["--expose-gc", "--max-semi-space-size=2"],
    });
    try {
      await once(child, "message");
      await untilConnects("127.0.0.1", podPort);
      const unused = await ask(child, "measure");
      await load(port, WARM_UP);
      const before = await idleSize(child, unused.descriptors);
      await load(port, REQUESTS);
      const after = await idleSize(child, before.descriptors);
      console.log(
        `leak: RSS ${(before.rss / MIB).toFixed(1)} → ${(after.rss / MIB).toFixed(1)} MiB, heap ${(before.heap / MIB).toFixed(1)} → ${(after.heap / MIB).toFixed(1)} MiB, descriptors ${before.descriptors} → ${after.descriptors}`,
      );
      expect(after.descriptors).toBe(before.descriptors);
      expect(after.heap - before.heap).toBeLessThan(2 * MIB);
      expect(after.rss - before.rss).toBeLessThan(10 * MIB);
      expect((await ask(child, "stop")).timers).toBe(0);
    } finally {
      child.kill("SIGKILL");
      pod.kill("SIGKILL");
    }
  },
);
