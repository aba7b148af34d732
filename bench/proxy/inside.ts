/** The activator as a contestant, in a process of its own: `node inside.ts PORT PROTOCOL UPSTREAM_PORT...`; pods are in memory. */
import { Registry } from "prom-client";
import { systemClock } from "#core/clock.ts";
import { createLogger } from "#core/log.ts";
import type { Protocol } from "#core/revision.ts";
import { buildActivator } from "../../activator/build.ts";
import { activatorConfig, activatorEnv } from "../../activator/config.ts";
import { MemoryWorld } from "../../test/helpers/memory-world.ts";
import { revisionOf } from "../../test/helpers/revision.ts";

const [port, protocol, ...pods] = process.argv.slice(2);
const upstreams = pods.map(Number);
const revision = revisionOf({ ports: [{ name: "main", port: 80, protocol: protocol as Protocol }] });
const world = new MemoryWorld();
world.setRevision(revision);
const route = { id: revision.id, portIndex: 0, host: "127.0.0.1", port: Number(port) };
const activator = buildActivator({
  clock: systemClock,
  log: createLogger({ level: "warn", component: "activator", fd: 2 }),
  registry: new Registry(),
  podName: "bench",
  config: { ...activatorConfig(activatorEnv.parse(process.env)), host: "127.0.0.1", adminPort: 0 },
  revisions: world.revisions,
  dests: world.dests,
  routes: { list: () => [route], subscribe: () => ({ [Symbol.dispose]: () => {} }) },
  scale: world.scale,
  wakingPods: world.wakingPods,
  statSink: { send: () => {} },
});
world.setDests(revision.id, {
  ready: upstreams.map((at) => ({ key: `127.0.0.1:${at}`, host: "127.0.0.1", ports: [at] })),
});
await activator.start();
// Not killed by the signal itself: a profiler writes what it saw when the process exits.
process.once("SIGTERM", () => process.exit(0));
