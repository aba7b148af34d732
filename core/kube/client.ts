import http from "node:http";
import https from "node:https";

import type { Access } from "./access.ts";
import type { Clock, Millis } from "#core/clock.ts";
import { ApiError, unreachable } from "./api-error.ts";
import { checked, linesOf, textOf } from "./response.ts";

/**
 * The only place that talks to an API server. It is `node:https` and JSON: the official client costs 0.8 s
 * and 90 MB at start (docs/adr/0011-own-kubernetes-client.md), and an activator's own start is on the path
 * of a request.
 */

type PatchType = "merge" | "json";

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** From `/api` or `/apis` on, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
  /** How a PATCH's body is meant; `merge` unless told. */
  readonly patch?: PatchType;
  readonly signal?: AbortSignal;
}

export interface KubeClient {
  readonly namespace: string;
  /** The answer's object. Rejects with an `ApiError`. */
  call<T>(call: Call): Promise<T>;
  /** The lines of an answer that goes on, as they come. Throws an `ApiError`; ends when the server ends it. */
  lines(call: Call): AsyncGenerator<string, void, undefined>;
  close(): void;
}

export interface ClientOptions {
  readonly access: Access;
  readonly clock: Clock;
  /** Also the field manager of every write; begins with `pilotlight`. */
  readonly userAgent?: string;
  /** Until the answer is complete; for `lines`, until it begins. */
  readonly timeoutMs?: Millis;
}

const CONTENT = {
  merge: "application/merge-patch+json",
  json: "application/json-patch+json",
  plain: "application/json",
} as const;
const TIMEOUT_MS = 10_000;
/** Attempts when the server says 429: it is the server's way to pace us, not a failure. */
const ATTEMPTS = 4;

/** Every write says who it is from: the webhook lets our own moves of a selector stand. */
const pathOf = (call: Call, fieldManager: string): string => {
  const writes = call.method === "POST" || call.method === "PUT" || call.method === "PATCH";
  const query = writes ? { fieldManager, ...call.query } : (call.query ?? {});
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(
    pairs.map(([key, value]): [string, string] => [key, String(value)]),
  ).toString();
  return text === "" ? call.path : `${call.path}?${text}`;
};

class HttpClient implements KubeClient {
  readonly namespace: string;
  readonly #options: ClientOptions;
  readonly #url: URL;
  readonly #agent: http.Agent;
  readonly #userAgent: string;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.namespace = options.access.namespace;
    this.#url = new URL(options.access.server);
    this.#userAgent = options.userAgent ?? "pilotlight";
    const settings = {
      keepAlive: true,
      keepAliveMsecs: 15_000,
      maxFreeSockets: 16,
      scheduling: "lifo",
    } as const;
    this.#agent =
      this.#url.protocol === "http:"
        ? new http.Agent(settings)
        : new https.Agent({ ...settings, ...options.access.tls });
  }

  async call<T>(call: Call): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#deadline(call, async (signal) => {
          const response = await this.#send({ ...call, signal });
          return JSON.parse(await textOf(response)) as T;
        });
      } catch (error) {
        if (attempt >= ATTEMPTS || !(error instanceof ApiError) || error.status !== 429) throw error;
        await this.#options.clock.sleep((error.retryAfter ?? 1) * 1000, call.signal);
      }
    }
  }

  async *lines(call: Call): AsyncGenerator<string, void, undefined> {
    const response = await this.#deadline(call, (signal) => this.#send({ ...call, signal }));
    try {
      yield* linesOf(response);
    } catch (error) {
      if (call.signal?.aborted) throw call.signal.reason;
      throw unreachable(error);
    } finally {
      response.destroy();
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Runs with a signal that also aborts after the time limit. */
  async #deadline<T>(call: Call, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    const ms = this.#options.timeoutMs ?? TIMEOUT_MS;
    using _timer = this.#options.clock.after(ms, () =>
      limit.abort(unreachable(new Error(`no answer within ${ms} ms`))),
    );
    const signal = call.signal === undefined ? limit.signal : AbortSignal.any([call.signal, limit.signal]);
    try {
      return await run(signal);
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw error instanceof ApiError ? error : unreachable(error);
    }
  }

  async #send(call: Call): Promise<http.IncomingMessage> {
    const response = await this.#exchange(call, await this.#options.access.token(false));
    if (response.statusCode !== 401) return checked(response);
    response.resume();
    return checked(await this.#exchange(call, await this.#options.access.token(true)));
  }

  async #exchange(call: Call, token: string | undefined): Promise<http.IncomingMessage> {
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const options: https.RequestOptions = {
      host: this.#url.hostname.replace(/^\[|\]$/g, ""),
      port: this.#url.port,
      path: `${this.#url.pathname.replace(/\/$/, "")}${pathOf(call, this.#userAgent)}`,
      method: call.method,
      agent: this.#agent,
      headers: {
        accept: CONTENT.plain,
        "user-agent": this.#userAgent,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined
          ? {}
          : { "content-length": Buffer.byteLength(body), "content-type": typeOf(call) }),
      },
      ...(call.signal === undefined ? {} : { signal: call.signal }),
    };
    const send = this.#url.protocol === "http:" ? http.request : https.request;
    return new Promise((resolve, reject) => {
      const attempt = () => {
        const request = send(options, resolve);
        request.on("error", (error: NodeJS.ErrnoException) => {
          // The server closed an idle connection while we wrote to it; nothing was done.
          const stale = request.reusedSocket && error.code === "ECONNRESET" && call.method !== "POST";
          if (stale) attempt();
          else reject(error);
        });
        request.end(body);
      };
      attempt();
    });
  }
}

const typeOf = (call: Call): string =>
  call.method === "PATCH" ? CONTENT[call.patch ?? "merge"] : CONTENT.plain;

export const createKubeClient = (options: ClientOptions): KubeClient => new HttpClient(options);
