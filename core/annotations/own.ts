import type { Millis } from "../clock.ts";
import { goQuote } from "../go-quote.ts";
import { parseGoInt } from "../go-number.ts";
import type { ClientLimits, IgnoreRules, Protocol, WaitingPage } from "../revision.ts";
import { readCidrs, readPaths, readSwitch, readTheme, readTitle, readUserAgents } from "./at-zero.ts";
import { invalidValue, outOfBounds, type FieldError } from "./field-error.ts";
import type { Annotations } from "./keys.ts";
import { readScaleTarget, type ScaleTarget } from "./scale-target.ts";
import { parseSelector, SELECTOR, type Selector } from "./selector.ts";

export const OWN_GROUP = "pilotlight.dev";

/** The keys of our own group; every other key that starts with `pilotlight.dev/` is an error. */
export const ownKeys = {
  scaleTarget: "pilotlight.dev/scale-target",
  containerConcurrency: "pilotlight.dev/container-concurrency",
  timeout: "pilotlight.dev/timeout-seconds",
  responseStartTimeout: "pilotlight.dev/response-start-timeout-seconds",
  idleTimeout: "pilotlight.dev/idle-timeout-seconds",
  queueDepth: "pilotlight.dev/queue-depth",
  queueTimeout: "pilotlight.dev/queue-timeout-seconds",
  ignorePaths: "pilotlight.dev/ignore-paths",
  ignoreUserAgents: "pilotlight.dev/ignore-user-agents",
  ignoreCidrs: "pilotlight.dev/ignore-cidrs",
  ignoreStatus: "pilotlight.dev/ignore-status",
  waitingPage: "pilotlight.dev/waiting-page",
  waitingPageTitle: "pilotlight.dev/waiting-page-title",
  waitingPageTheme: "pilotlight.dev/waiting-page-theme",
  maxConnections: "pilotlight.dev/max-connections",
  maxConnectionsPerClient: "pilotlight.dev/max-connections-per-client",
  maxStreams: "pilotlight.dev/max-streams",
  maxStreamResets: "pilotlight.dev/max-stream-resets",
  maxControlFrames: "pilotlight.dev/max-control-frames",
  protocol: "pilotlight.dev/protocol",
  selector: SELECTOR,
  localPort: "pilotlight.dev/local-port",
} as const;

/** Our own annotations of one Service, with defaults. */
export interface OwnSettings {
  /** The workload that is scaled; undefined = found by the selector. */
  readonly scaleTarget: ScaleTarget | undefined;
  /** Hard limit of requests in one pod; 0 (default) = none. At most 1000. */
  readonly containerConcurrency: number;
  /** Total time of a request, waiting included: 1 s to one day, default 300 s. */
  readonly timeoutMs: Millis;
  /** Until the first byte of the answer; 0 (default) = no limit of its own. At most one day. */
  readonly responseStartTimeoutMs: Millis;
  /** Between two bytes of the answer; 0 (default) = no limit. At most one day. */
  readonly idleTimeoutMs: Millis;
  /** Requests that may wait before 503: 1 to 1,000,000, default 10,000. */
  readonly queueDepth: number;
  /** How long a request may wait for a pod: 1 s to one day; undefined = by the usual start. */
  readonly queueTimeoutMs: Millis | undefined;
  /** Requests that wake nothing; undefined = there are none. */
  readonly ignore: IgnoreRules | undefined;
  /** undefined = people wait as programs do. */
  readonly waitingPage: WaitingPage | undefined;
  /** undefined = all of them are as the activator is set. */
  readonly clientLimits: ClientLimits | undefined;
  /** Of all ports; undefined = each port's `appProtocol` or name tells. */
  readonly protocol: Protocol | undefined;
  /** The Service's own selector while we hold it; written by us. */
  readonly selector: Selector | undefined;
  /** `pilotlight local`: the port on this machine, 1 to 65535; undefined = any free one. */
  readonly localPort: number | undefined;
}

export interface OwnResult {
  /** A value that cannot be used is replaced by its default. */
  readonly settings: OwnSettings;
  readonly errors: readonly FieldError[];
}

const DAY_SECONDS = 86_400;

/** Reads and checks every `pilotlight.dev/*` annotation. Error paths are annotation keys. */
export const readOwnAnnotations = (annotations: Annotations): OwnResult => {
  const errors: FieldError[] = unknownKeys(annotations);
  const read: Read = (key, fallback, reader) => {
    const text = Object.hasOwn(annotations, key) ? annotations[key] : undefined;
    if (text === undefined) return fallback;
    const result = reader(text, key);
    if (result.ok) return result.value;
    errors.push(result.error);
    return fallback;
  };
  const seconds = (key: string, least: number, fallback: number): Millis =>
    read(key, fallback, wholeNumber(least, DAY_SECONDS)) * 1000;
  const settings: OwnSettings = {
    scaleTarget: read(ownKeys.scaleTarget, undefined, orInvalid(readScaleTarget)),
    containerConcurrency: read(ownKeys.containerConcurrency, 0, wholeNumber(0, 1000)),
    timeoutMs: seconds(ownKeys.timeout, 1, 300),
    responseStartTimeoutMs: seconds(ownKeys.responseStartTimeout, 0, 0),
    idleTimeoutMs: seconds(ownKeys.idleTimeout, 0, 0),
    queueDepth: read(ownKeys.queueDepth, 10_000, wholeNumber(1, 1_000_000)),
    queueTimeoutMs: inMillis(read(ownKeys.queueTimeout, undefined, orNone(wholeNumber(1, DAY_SECONDS)))),
    ignore: ignoreRules(read),
    waitingPage: waitingPage(read),
    clientLimits: clientLimits(read),
    protocol: read(ownKeys.protocol, undefined, orInvalid(readProtocol)),
    selector: read(ownKeys.selector, undefined, orInvalid(parseSelector)),
    localPort: read<number | undefined>(ownKeys.localPort, undefined, wholeNumber(1, 65_535)),
  };
  return { settings, errors };
};

type Read = <T>(key: string, fallback: T, reader: Reader<T>) => T;

const inMillis = (seconds: number | undefined): Millis | undefined =>
  seconds === undefined ? undefined : seconds * 1000;

const ignoreRules = (read: Read): IgnoreRules | undefined => {
  const list = (key: string, reader: (text: string) => readonly string[] | undefined) =>
    read<readonly string[] | undefined>(key, [], orInvalid(reader)) ?? [];
  const paths = list(ownKeys.ignorePaths, readPaths);
  const userAgents = list(ownKeys.ignoreUserAgents, readUserAgents);
  const cidrs = list(ownKeys.ignoreCidrs, readCidrs);
  const status = read(ownKeys.ignoreStatus, 200, wholeNumber(200, 599));
  return paths.length + userAgents.length + cidrs.length === 0
    ? undefined
    : { paths, userAgents, cidrs, status };
};

const waitingPage = (read: Read): WaitingPage | undefined => {
  const title = read(ownKeys.waitingPageTitle, undefined, orInvalid(readTitle));
  const theme = read(ownKeys.waitingPageTheme, "auto", orInvalid(readTheme)) ?? "auto";
  return read(ownKeys.waitingPage, false, orInvalid(readSwitch)) === true ? { title, theme } : undefined;
};

const MILLION = 1_000_000;

const clientLimits = (read: Read): ClientLimits | undefined => {
  const limit = (key: string, most: number) => read(key, undefined, orNone(wholeNumber(1, most)));
  const all = {
    connections: limit(ownKeys.maxConnections, MILLION),
    connectionsPerClient: limit(ownKeys.maxConnectionsPerClient, MILLION),
    streams: limit(ownKeys.maxStreams, 10_000),
    resets: limit(ownKeys.maxStreamResets, MILLION),
    controlFrames: limit(ownKeys.maxControlFrames, MILLION),
  };
  const set = Object.entries(all).filter(([, value]) => value !== undefined);
  return set.length === 0 ? undefined : Object.fromEntries(set);
};

const orNone =
  (reader: Reader<number>): Reader<number | undefined> =>
  (text, key) =>
    reader(text, key);

type Reader<T> = (
  text: string,
  key: string,
) => { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: FieldError };

const wholeNumber =
  (low: number, high: number): Reader<number> =>
  (text, key) => {
    const result = parseGoInt(text, 64);
    if (result.ok && result.value >= low && result.value <= high) {
      return { ok: true, value: Number(result.value) };
    }
    const range = result.ok || result.kind === "range";
    const error = range ? outOfBounds(text, [String(low), String(high)], key) : invalidValue(text, key);
    return { ok: false, error };
  };

const orInvalid =
  <T>(reader: (text: string) => T | undefined): Reader<T | undefined> =>
  (text, key) => {
    const value = reader(text);
    return value === undefined ? { ok: false, error: invalidValue(text, key) } : { ok: true, value };
  };

const PROTOCOLS: ReadonlyMap<string, Protocol> = new Map([
  ["http", "http1"],
  ["h2c", "h2c"],
  ["grpc", "h2c"],
  ["tcp", "tcp"],
  ["tls", "tcp"],
]);

const readProtocol = (text: string): Protocol | undefined => PROTOCOLS.get(text);

const unknownKeys = (annotations: Annotations): FieldError[] => {
  const known = new Set<string>(Object.values(ownKeys));
  return Object.keys(annotations)
    .filter((key) => key.startsWith(`${OWN_GROUP}/`) && !known.has(key))
    .map((key) => ({ message: `invalid key name ${goQuote(key)}`, paths: [key] }));
};
