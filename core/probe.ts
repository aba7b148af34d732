/** One attempt at a readiness probe of a pod. */

import { request } from "node:http";
import { connect, type Socket } from "node:net";
import type { Clock, Millis } from "./clock.ts";
import { KUBE_PROBE_AGENT } from "./headers.ts";
import type { Dest } from "./ports.ts";
import type { ReadinessProbe } from "./revision.ts";

/** What one attempt showed. `timeout` = no connection in time, `slow` = connected, but no answer in time. */
export type Verdict =
  | { readonly ready: true }
  | {
      readonly ready: false;
      readonly why: "refused" | "timeout" | "slow" | "status" | "aborted";
      readonly detail: string;
    };

export interface ProbeOptions {
  readonly clock: Clock;
  /** Ends the attempt, which then counts as `aborted`. */
  readonly signal?: AbortSignal;
  /** Limit for the connection alone, where it should be shorter than the probe's own `timeoutMs`. */
  readonly connectMs?: Millis;
}

type HttpProbe = Extract<ReadinessProbe, { kind: "http" }>;

/** The limit where the probe has none of its own. */
const DEFAULT_TIMEOUT_MS: Millis = 1000;
const READY: Verdict = { ready: true };

const no = (why: Exclude<Verdict, { ready: true }>["why"], detail: string): Verdict => ({
  ready: false,
  why,
  detail,
});

/**
 * One attempt at a pod's readiness probe, never rejecting: a TCP connection, or GET with a status of 200 to 399
 * as kubelet counts it. Of an `external` probe only the first port's connection can be tried. No socket is left
 * open. The HTTP request is made only once the connection stands, so an attempt at a pod that does not listen
 * yet costs no more than a refused connection.
 */
export const probe = (dest: Dest, how: ReadinessProbe, options: ProbeOptions): Promise<Verdict> => {
  const port = dest.ports[how.kind === "external" ? 0 : how.portIndex];
  if (port === undefined) return Promise.resolve(no("refused", "the pod has no such port"));
  const timeoutMs = how.kind === "external" ? DEFAULT_TIMEOUT_MS : how.timeoutMs;
  return new Promise((resolve) => {
    const { clock, signal, connectMs = timeoutMs } = options;
    if (signal?.aborted) return resolve(no("aborted", "stopped"));
    const socket = connect({ host: dest.host, port, noDelay: true });
    const end = (verdict: Verdict) => {
      limit[Symbol.dispose]();
      signal?.removeEventListener("abort", onAbort);
      socket.destroy();
      resolve(verdict);
    };
    const onAbort = () => end(no("aborted", "stopped"));
    let limit = clock.after(connectMs, () => end(no("timeout", `no connection in ${connectMs} ms`)));
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.on("error", (error) => end(no("refused", error.message)));
    socket.once("connect", () => {
      if (how.kind !== "http") return end(READY);
      limit[Symbol.dispose]();
      limit = clock.after(timeoutMs, () => end(no("slow", `no answer in ${timeoutMs} ms`)));
      try {
        ask(socket, dest, how, end);
      } catch (error) {
        // A path or header field that cannot be written; the manifest is checked elsewhere.
        end(no("refused", String(error)));
      }
    });
  });
};

/** Sends the probe's GET over a connected socket and judges the status. */
const ask = (socket: Socket, dest: Dest, how: HttpProbe, end: (verdict: Verdict) => void): void => {
  const headers = { "user-agent": `${KUBE_PROBE_AGENT}pilotlight`, accept: "*/*", ...fields(how.headers) };
  const get = request({
    createConnection: () => socket,
    host: dest.host,
    port: dest.ports[how.portIndex],
    path: how.path,
    headers,
  });
  get.on("error", (error) => end(no("refused", error.message)));
  get.once("response", (response) => {
    const status = response.statusCode ?? 0;
    end(status >= 200 && status < 400 ? READY : no("status", `GET ${how.path} answered ${status}`));
  });
  get.end();
};

/** Header fields by lower-case name; the last one of a name counts. */
const fields = (headers: HttpProbe["headers"]): Record<string, string> =>
  Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
