/** The agent's port: `GET /v1/pods/UID/addresses?wait=MS` answers as soon as the pod has an address. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { AddressFinder } from "../find/address-finder.ts";
import type { AgentMetrics } from "../metrics.ts";
import type { Authorizer, Verdict } from "./authorizer.ts";
import type { RateLimit } from "./rate-limit.ts";

export interface AgentServerOptions {
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly finder: AddressFinder;
  readonly authorizer: Authorizer;
  readonly limit: RateLimit;
  readonly metrics: AgentMetrics;
  /** Most pods that are searched for at one time. */
  readonly maxSearches: number;
}

export interface AgentServer extends Part {
  readonly port: number | undefined;
}

const QUESTION = /^\/v1\/pods\/([0-9A-Za-z][0-9A-Za-z-]{0,63})\/addresses$/;
const LONGEST_WAIT_MS: Millis = 30_000;
const DEFAULT_WAIT_MS: Millis = 10_000;

const REFUSALS: Readonly<Record<Exclude<Verdict, "allowed">, readonly [number, string]>> = {
  unauthenticated: [401, "a token of an activator's ServiceAccount is needed"],
  forbidden: [403, "this ServiceAccount may not ask"],
  unavailable: [503, "the API server could not be asked about the token"],
};

export const createAgentServer = (options: AgentServerOptions): AgentServer => {
  const server = createServer({ maxHeaderSize: 8192, requestTimeout: 5_000 }, (request, response) => {
    answer(options, request, response).catch(() => response.destroy());
  });
  server.maxConnections = 1_000;
  // Activators greet every 20 s, so that a connection is open when it counts.
  server.keepAliveTimeout = 65_000;
  return {
    name: "node agent server",
    get port() {
      return (server.address() as AddressInfo | null)?.port;
    },
    start: () => listen(server, options),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const answer = async (
  options: AgentServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  if (!options.limit.take()) return send(response, 429, { error: "too many questions" });
  const verdict = await options.authorizer.check(bearer(request));
  if (verdict !== "allowed") {
    options.metrics.questions.inc({ outcome: verdict });
    const [status, error] = REFUSALS[verdict];
    return send(response, status, { error });
  }
  const url = new URL(request.url ?? "/", "http://agent");
  // Asked ahead of time, so that connection and token are known when it counts.
  if (url.pathname === "/v1/hello") return send(response, 200, {});
  const uid = QUESTION.exec(url.pathname)?.[1];
  if (uid === undefined || request.method !== "GET")
    return send(response, 404, { error: "no such question" });
  if (options.finder.searching >= options.maxSearches) return send(response, 429, { error: "too many pods" });
  await find(options, response, { uid, waitMs: waitOf(url) });
};

const bearer = (request: IncomingMessage): string =>
  /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";

const waitOf = (url: URL): Millis => {
  const wait = Number(url.searchParams.get("wait") ?? DEFAULT_WAIT_MS);
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_WAIT_MS) : DEFAULT_WAIT_MS;
};

const find = async (
  { clock, finder, metrics }: AgentServerOptions,
  response: ServerResponse,
  { uid, waitMs }: { readonly uid: string; readonly waitMs: Millis },
): Promise<void> => {
  const over = new AbortController();
  using _timer = clock.after(waitMs, () => over.abort(new Error("nothing found in time")));
  response.once("close", () => over.abort(new Error("the asker went away")));
  const began = clock.now();
  try {
    const ips = await finder.find(uid, over.signal);
    metrics.questions.inc({ outcome: "found" });
    metrics.search.observe((clock.now() - began) / 1000);
    send(response, 200, { ips });
  } catch {
    metrics.questions.inc({ outcome: "nothing" });
    if (!response.destroyed) response.writeHead(204).end();
  }
};

const send = (response: ServerResponse, status: number, body: object): void => {
  const text = JSON.stringify(body);
  response
    .writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) })
    .end(text);
};

const listen = (server: Server, at: { readonly host: string; readonly port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
