/** The HTTPS server that the API server calls. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Clock, Millis } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { WebhookMetrics } from "../metrics.ts";
import { answer, pathOf, type Reviewers } from "./answer.ts";
import type { CertificateSource } from "./certificate.ts";

export interface ServerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: WebhookMetrics;
  readonly certificates: CertificateSource;
  readonly reviewers: Reviewers;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** How long requests are still taken after readiness was withdrawn, until the API server's side knows. */
  readonly drainMs: Millis;
}

export interface WebhookServer extends Part {
  /** The port that is listened on; 0 before `start`. */
  readonly port: number;
  /** Whether it takes requests and is not about to stop. */
  readonly serving: boolean;
}

/** The API server gives up after 5 s (`timeoutSeconds` in the chart); so nothing may hold a socket longer. */
const REQUEST_TIMEOUT: Millis = 5_000;
/** Longer than the API server's idle limit (90 s): it closes first, and never sends into a closing socket. */
const KEEP_ALIVE: Millis = 120_000;
const MAX_HEADER = 16 * 1024;
const MIN_TLS = "TLSv1.2";

const LIMITS = {
  minVersion: MIN_TLS,
  requestTimeout: REQUEST_TIMEOUT,
  headersTimeout: REQUEST_TIMEOUT,
  handshakeTimeout: REQUEST_TIMEOUT,
  keepAliveTimeout: KEEP_ALIVE,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: MAX_HEADER,
} as const;

/** TLS 1.2 or newer, HTTP/1.1: reviews by path, and `/healthz`, `/readyz` for kubelet. */
export const createWebhookServer = (deps: ServerDeps): WebhookServer => {
  const { clock, certificates } = deps;
  let draining = false;
  const server = createServer(
    LIMITS,
    (request, response) => void handle(deps, () => draining, request, response),
  );
  // A client that aborts or speaks no TLS ends its own connection and nothing else.
  server.on("tlsClientError", (error) => deps.log.debug({ err: error }, "TLS handshake failed"));
  const show = () => {
    const pair = certificates.current();
    if (pair === undefined) return;
    server.setSecureContext({ cert: pair.certificate, key: pair.key, minVersion: MIN_TLS });
  };
  let subscription: Disposable | undefined;
  return {
    name: "webhook-server",
    get port() {
      return (server.address() as AddressInfo | null)?.port ?? 0;
    },
    get serving() {
      return server.listening && !draining;
    },
    start: async () => {
      show();
      subscription = certificates.subscribe(show);
      await listen(server, deps);
    },
    stop: async (signal) => {
      draining = true;
      await clock.sleep(deps.drainMs, signal).catch(() => undefined);
      await close(server, signal);
      subscription?.[Symbol.dispose]();
    },
  };
};

const handle = async (
  deps: ServerDeps,
  draining: () => boolean,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const path = pathOf(request);
  if (path === "/healthz") return health(response, true);
  if (path === "/readyz") return health(response, !draining());
  const begin = deps.clock.now();
  const outcome = await answer(deps, request, response);
  const known = Object.hasOwn(deps.reviewers, path) ? path : "other";
  deps.metrics.observe(known, outcome, deps.clock.now() - begin);
};

const health = (response: ServerResponse, good: boolean): void => {
  response.writeHead(good ? 200 : 503, { "Content-Type": "text/plain" });
  response.end(good ? "ok\n" : "shutting down\n");
};

const listen = async (server: Server, { host, port }: ServerDeps): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, host, resolve);
  await promise;
  server.off("error", reject);
};

/** Lets requests under way end; when `signal` aborts, cuts them off. */
const close = async (server: Server, signal: AbortSignal): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const cut = () => server.closeAllConnections();
  if (signal.aborted) cut();
  signal.addEventListener("abort", cut, { once: true });
  await promise;
  signal.removeEventListener("abort", cut);
};
