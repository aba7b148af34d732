import * as z from "zod/mini";
import { amount, optionalSetting, port, setting, whole } from "#core/setting.ts";

const seconds = amount(0, 86_400);
const count = whole(1, 1_000_000);

const bytes = whole(65_536, 1_099_511_627_776);

/** The activator's settings by the names they have in the environment; every one has a default. */
export const activatorEnv = z.object({
  PILOTLIGHT_HOST: setting(z.string(), "0.0.0.0", "address the front and admin ports listen on"),
  PILOTLIGHT_FRONT_PORT: optionalSetting(
    port,
    "shared port that finds the Service by Knative-Serving-* fields or by host name; unset = no such port, 0 = a free one",
  ),
  PILOTLIGHT_ADMIN_PORT: setting(port, 9090, "port of /metrics, /healthz and /readyz; 0 = a free one"),
  PILOTLIGHT_DRAIN_SECONDS: setting(seconds, 45, "how long it keeps accepting after it stopped being ready"),
  PILOTLIGHT_HEAD_TIMEOUT_SECONDS: setting(seconds, 60, "time a client has to send a request's head"),
  PILOTLIGHT_KEEP_ALIVE_SECONDS: setting(
    seconds,
    120,
    "idle time after which a client's connection is closed",
  ),
  PILOTLIGHT_LINGER_SECONDS: setting(
    seconds,
    5,
    "time a client has to stop sending a body that nobody reads any more",
  ),
  PILOTLIGHT_UPGRADE_IDLE_SECONDS: setting(
    seconds,
    3600,
    "idle limit of upgraded connections of a Service that sets none; 0 = none",
  ),
  PILOTLIGHT_MAX_HEAD_BYTES: setting(
    whole(1024, 1_048_576),
    65_536,
    "size of a request's or an answer's head",
  ),
  PILOTLIGHT_MAX_UNFINISHED_HEAD_BYTES: setting(
    bytes,
    67_108_864,
    "memory for heads that have not come to their end and for what clients send ahead of their answers, of all connections; half of it for one port",
  ),
  PILOTLIGHT_MAX_CONNECTIONS: setting(count, 50_000, "connections of clients at one time"),
  PILOTLIGHT_MAX_CONNECTIONS_PER_PORT: setting(
    whole(0, 1_000_000),
    40_000,
    "connections to one port, which is one port of one Service; 0 = no such limit",
  ),
  PILOTLIGHT_MAX_CONNECTIONS_PER_CLIENT: setting(
    whole(0, 1_000_000),
    0,
    "connections from one address at one time; 0 = no such limit, as many may come through one proxy",
  ),
  PILOTLIGHT_MAX_HELD: setting(count, 100_000, "requests that wait for pods, of all Services, before 429"),
  PILOTLIGHT_MAX_HELD_BYTES: setting(
    bytes,
    268_435_456,
    "memory for heads and bodies of requests that wait, of all Services, before 429",
  ),
  PILOTLIGHT_MAX_HELD_BYTES_PER_SERVICE: setting(bytes, 134_217_728, "the same for one Service, before 503"),
  PILOTLIGHT_MAX_PIPELINED: setting(
    count,
    64,
    "requests of one connection that may be unanswered before it is no longer read",
  ),
  PILOTLIGHT_MAX_STREAMS: setting(
    whole(1, 10_000),
    250,
    "unanswered requests on one HTTP/2 connection, a client's or a pod's",
  ),
  PILOTLIGHT_POD_CONNECT_SECONDS: setting(seconds, 5, "time a pod has to accept a connection"),
  PILOTLIGHT_POD_IDLE_SECONDS: setting(
    seconds,
    4,
    "idle time after which a connection to a pod is closed; should be less than the pod's own",
  ),
  PILOTLIGHT_LANE: setting(
    z.enum(["on", "off"]),
    "on",
    "the short way for usual HTTP/1.1 requests; off = all of them go the general way",
  ),
  PILOTLIGHT_MAX_TRIES: setting(
    whole(1, 10),
    3,
    "pods that one request is offered to, where trying again is safe",
  ),
});

/** What `buildActivator` needs; durations in milliseconds. */
export interface ActivatorConfig {
  readonly host: string;
  /** undefined = no front port, 0 = a free one. */
  readonly frontPort?: number;
  /** 0 = a free one. */
  readonly adminPort: number;
  readonly drainMs: number;
  readonly headTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly lingerMs: number;
  readonly upgradeIdleMs: number;
  readonly maxHeadBytes: number;
  /** Of all connections; half of it for one port. */
  readonly maxUnfinishedHeadBytes: number;
  readonly maxConnections: number;
  /** To one port; 0 = no limit. */
  readonly maxConnectionsPerPort: number;
  /** From one address; 0 = no limit. */
  readonly maxConnectionsPerClient: number;
  readonly maxHeld: number;
  readonly maxHeldBytes: number;
  readonly maxHeldBytesPerService: number;
  readonly maxPipelined: number;
  readonly maxStreams: number;
  readonly podConnectMs: number;
  readonly podIdleMs: number;
  readonly maxTries: number;
  /** Whether usual HTTP/1.1 requests go the short way. */
  readonly lane: boolean;
}

/** The settings of a parsed environment. */
export const activatorConfig = (env: z.output<typeof activatorEnv>): ActivatorConfig => ({
  host: env.PILOTLIGHT_HOST,
  ...(env.PILOTLIGHT_FRONT_PORT === undefined ? {} : { frontPort: env.PILOTLIGHT_FRONT_PORT }),
  adminPort: env.PILOTLIGHT_ADMIN_PORT,
  drainMs: env.PILOTLIGHT_DRAIN_SECONDS * 1000,
  headTimeoutMs: env.PILOTLIGHT_HEAD_TIMEOUT_SECONDS * 1000,
  keepAliveMs: env.PILOTLIGHT_KEEP_ALIVE_SECONDS * 1000,
  lingerMs: env.PILOTLIGHT_LINGER_SECONDS * 1000,
  upgradeIdleMs: env.PILOTLIGHT_UPGRADE_IDLE_SECONDS * 1000,
  maxHeadBytes: env.PILOTLIGHT_MAX_HEAD_BYTES,
  maxUnfinishedHeadBytes: env.PILOTLIGHT_MAX_UNFINISHED_HEAD_BYTES,
  maxConnections: env.PILOTLIGHT_MAX_CONNECTIONS,
  maxConnectionsPerPort: env.PILOTLIGHT_MAX_CONNECTIONS_PER_PORT,
  maxConnectionsPerClient: env.PILOTLIGHT_MAX_CONNECTIONS_PER_CLIENT,
  maxHeld: env.PILOTLIGHT_MAX_HELD,
  maxHeldBytes: env.PILOTLIGHT_MAX_HELD_BYTES,
  maxHeldBytesPerService: env.PILOTLIGHT_MAX_HELD_BYTES_PER_SERVICE,
  maxPipelined: env.PILOTLIGHT_MAX_PIPELINED,
  maxStreams: env.PILOTLIGHT_MAX_STREAMS,
  podConnectMs: env.PILOTLIGHT_POD_CONNECT_SECONDS * 1000,
  podIdleMs: env.PILOTLIGHT_POD_IDLE_SECONDS * 1000,
  maxTries: env.PILOTLIGHT_MAX_TRIES,
  lane: env.PILOTLIGHT_LANE === "on",
});

/** Every default: what a process with an empty environment runs with. */
export const defaultActivatorConfig: ActivatorConfig = activatorConfig(activatorEnv.parse({}));
