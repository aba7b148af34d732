/**
 * An activator for `held`, in a process of its own: `node inside.ts JSON`. It says "listening", and answers each
 * message of its parent: `queued` with how many wait, `ready` by letting the pod be one that is ready.
 */
import { Registry } from "prom-client";
import { systemClock } from "#core/clock.ts";
import { createLogger } from "#core/log.ts";
import type { Route } from "#core/ports.ts";
import { buildActivator } from "../../activator/build.ts";
import { activatorConfig, activatorEnv } from "../../activator/config.ts";
import { MemoryWorld } from "../../test/helpers/memory-world.ts";
import { revisionOf } from "../../test/helpers/revision.ts";
import type { Ask } from "./ask.ts";

const { ports, podPort, concurrency } = JSON.parse(process.argv[2]!) as Ask;
const world = new MemoryWorld();
const routes: Route[] = ports.map((port, i) => {
  const name = `service-${i}`;
  const id = `default/${name}` as const;
  world.setRevision(revisionOf({ id, name, containerConcurrency: concurrency, queueDepth: 20_000 }));
  return { id, portIndex: 0, host: "127.0.0.1", port };
});
const first = routes[0]!.id;
const activator = buildActivator({
  clock: systemClock,
  log: createLogger({ level: "error", component: "activator", fd: 2 }),
  registry: new Registry(),
  podName: "bench",
  config: { ...activatorConfig(activatorEnv.parse({})), host: "127.0.0.1", adminPort: 0 },
  revisions: world.revisions,
  dests: world.dests,
  routes: { list: () => routes, subscribe: () => ({ [Symbol.dispose]: () => {} }) },
  scale: world.scale,
  wakingPods: world.wakingPods,
  statSink: { send: () => {} },
});

process.on("message", (message: "queued" | "ready") => {
  if (message === "queued") process.send!(activator.traffic(first).queued);
  else if (message === "ready")
    world.setDests(first, { ready: [{ key: `127.0.0.1:${podPort}`, host: "127.0.0.1", ports: [podPort] }] });
});
await activator.start();
process.send!("listening");
