/**
 * An activator for `held`, in a process of its own: `node inside.ts JSON`. It says "listening", and answers each
 * message of its parent: `queued` with how many wait, `ready` by letting the pod be one that is ready, `written` with
 * how many requests were written to the pod in all, and how many of them after one that had arrived later.
 */
import { Registry } from "prom-client";
import { systemClock } from "#core/clock.ts";
import { createLogger } from "#core/log.ts";
import type { Route } from "#core/ports.ts";
import { buildActivator } from "../../activator/build.ts";
import { activatorConfig, activatorEnv } from "../../activator/config.ts";
import type { Exchange } from "../../activator/exchange.ts";
import { LaneEngine } from "../../activator/lane/lane-engine.ts";
import { PodPool, type PoolUser } from "../../activator/lane/pod-pool.ts";
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

/** When a request arrived is known where it is forwarded, when it is written where it gets its connection. */
const order = { arrivedAt: 0, latest: 0, written: 0, overtaken: 0 };
type Forward = (this: LaneEngine, ...args: Parameters<LaneEngine["forward"]>) => Promise<void>;
const forward: Forward = Reflect.get(LaneEngine.prototype, "forward");
LaneEngine.prototype.forward = function (this: LaneEngine, exchange: Exchange, dest) {
  order.arrivedAt = exchange.arrivedAt;
  return forward.call(this, exchange, dest);
};
const take: (this: PodPool, user: PoolUser) => void = Reflect.get(PodPool.prototype, "take");
PodPool.prototype.take = function (this: PodPool, user: PoolUser) {
  const { arrivedAt } = order;
  const attach = user.attach.bind(user);
  user.attach = (connection) => {
    order.written++;
    if (arrivedAt < order.latest) order.overtaken++;
    order.latest = Math.max(order.latest, arrivedAt);
    attach(connection);
  };
  take.call(this, user);
};

process.on("message", (message: "queued" | "ready" | "written") => {
  if (message === "queued") process.send!(activator.traffic(first).queued);
  else if (message === "written") process.send!(order);
  else if (message === "ready")
    world.setDests(first, { ready: [{ key: `127.0.0.1:${podPort}`, host: "127.0.0.1", ports: [podPort] }] });
});
await activator.start();
process.send!("listening");
