/** The node agent: tells activators the address of a starting pod before kubelet has told the API server. */
import type { Registry } from "prom-client";
import { createAdmin } from "#core/admin.ts";
import type { Clock, Millis } from "#core/clock.ts";
import { type Part, startAll, stopAll } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { NodeAgentConfig } from "./config.ts";
import { criRuntime } from "./cri/runtime.ts";
import { findSocket } from "./cri/socket.ts";
import { AddressFinder } from "./find/address-finder.ts";
import { Authorizer, type TokenReviewer } from "./listen/authorizer.ts";
import { RateLimit } from "./listen/rate-limit.ts";
import { createAgentServer } from "./listen/server.ts";
import { createAgentMetrics } from "./metrics.ts";

export interface NodeAgentDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  readonly config: NodeAgentConfig;
  readonly reviewer: TokenReviewer;
}

export interface NodeAgent extends Part {
  /** undefined before `start`. */
  readonly port: number | undefined;
  readonly adminPort: number | undefined;
}

const RUNTIME_LIMIT_MS: Millis = 1_000;

/** Builds it; throws when there is no runtime's socket. */
export const buildNodeAgent = ({ clock, log, registry, config, reviewer }: NodeAgentDeps): NodeAgent => {
  const socket = findSocket(config.socket);
  const runtime = criRuntime({ socket, clock, limitMs: RUNTIME_LIMIT_MS });
  const onError = (error: unknown): void => {
    metrics.runtimeErrors.inc();
    log.warn({ err: error, socket }, "container runtime could not be asked");
  };
  const finder = new AddressFinder({ runtime, clock, onError });
  const metrics = createAgentMetrics(registry, () => finder.searching);
  const server = createAgentServer({
    host: config.host,
    port: config.port,
    clock,
    finder,
    authorizer: new Authorizer({ reviewer, clock, audience: config.audience, allowed: config.allowed }),
    limit: new RateLimit(clock, { perSecond: 200, burst: 1_000 }),
    metrics,
    maxSearches: 500,
  });
  const admin = createAdmin({ host: config.host, port: config.adminPort, registry, ready: () => undefined });
  const parts = [server, admin];
  return {
    name: "node agent",
    get port() {
      return server.port;
    },
    get adminPort() {
      return admin.port;
    },
    start: () => startAll(parts, log),
    stop: async (signal) => {
      await stopAll(parts, log, signal);
      runtime.close();
    },
  };
};
