/**
 * A whole activator in a process of its own, with one revision whose only pod is at the address in argv. It
 * answers each IPC message: `measure` with its size, `stop` with what is left once the activator has stopped.
 */
import { readdirSync } from "node:fs";
import { createRegistry } from "#core/metrics.ts";
import { silentLogger } from "#core/log.ts";
import { systemClock } from "#core/clock.ts";
import { buildActivator } from "../../activator/build.ts";
import { defaultActivatorConfig } from "../../activator/config.ts";
import { MemoryWorld } from "../helpers/memory-world.ts";
import { revisionOf } from "../helpers/revision.ts";

const [podPort = "", listenPort = ""] = process.argv.slice(2);
const world = new MemoryWorld();
const revision = revisionOf({});
world.setRevision(revision);
world.setDests(revision.id, {
  ready: [{ key: `127.0.0.1:${podPort}`, host: "127.0.0.1", ports: [Number(podPort)] }],
});
const activator = buildActivator({
  clock: systemClock,
  log: silentLogger,
  registry: createRegistry({ processMetrics: false }),
  podName: "activator",
  config: {
    ...defaultActivatorConfig,
    host: "127.0.0.1",
    adminPort: 0,
    podIdleMs: 500,
    keepAliveMs: 500,
    drainMs: 0,
  },
  revisions: world.revisions,
  dests: world.dests,
  scale: world.scale,
  wakingPods: world.wakingPods,
  routes: {
    list: () => [{ id: revision.id, portIndex: 0, host: "127.0.0.1", port: Number(listenPort) }],
    subscribe: () => ({ [Symbol.dispose]: () => undefined }),
  },
  statSink: { send: () => undefined },
});

const measure = (): object => {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  return {
    rss: process.memoryUsage().rss,
    heap: process.memoryUsage().heapUsed,
    descriptors: readdirSync("/proc/self/fd").length,
    timers: process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length,
  };
};

process.on("message", (message: string) => {
  if (message === "measure") process.send!(measure());
  else void activator.stop(AbortSignal.timeout(5_000)).then(() => process.send!(measure()));
});
await activator.start();
process.send!("listening");
