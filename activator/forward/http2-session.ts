import { type ClientHttp2Session, connect as http2Connect } from "node:http2";
import { connect } from "node:net";
import type { Dest } from "#core/ports.ts";
import { PodFailure } from "./engine.ts";
import type { ForwardParts } from "./forward-parts.ts";
import { originOf } from "./origin.ts";

/** Bytes that a pod may send ahead of its client, for one request and for all on a connection. */
const streamWindow = 262_144;
const connectionWindow = 4_194_304;

const optionsOf = ({ maxHeadBytes }: ForwardParts) => ({
  maxSessionMemory: 64,
  maxHeaderListPairs: 1000,
  strictSingleValueFields: false,
  settings: { enablePush: false, initialWindowSize: streamWindow, maxHeaderListSize: maxHeadBytes },
});

/** One HTTP/2 connection to a pod. Many requests at a time; closes by itself when it has been idle. */
export class Http2Session {
  readonly session: ClientHttp2Session;
  /** What the pod is called in requests that name no host. */
  readonly authority: string;
  /** Requests on it now. */
  streams = 0;
  /** Requests that were answered on it. */
  served = 0;
  readonly #parts: ForwardParts;
  readonly #ready: Promise<void>;
  readonly #settings = Promise.withResolvers<void>();
  #idle: Disposable | undefined;

  constructor(dest: Dest, portIndex: number, parts: ForwardParts) {
    this.#parts = parts;
    this.authority = dest.key;
    const { host, ports } = dest;
    const socket = connect({ host, port: ports[portIndex]!, noDelay: true, keepAlive: true });
    const session = http2Connect(originOf(dest, portIndex), {
      ...optionsOf(parts),
      createConnection: () => socket,
    });
    this.session = session;
    session.on("error", () => {});
    session.once("remoteSettings", this.#settings.resolve).once("close", this.#settings.resolve);
    this.#ready = this.#connected();
    this.#ready.catch(() => {});
  }

  /** Resolves when requests can be sent. Rejects with `pod_refused`. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Whether one more request can be sent now: the pod sets a limit, and so do we. */
  get hasRoom(): boolean {
    const { session } = this;
    if (session.closed || session.destroyed) return false;
    const limit = session.connecting ? undefined : session.remoteSettings.maxConcurrentStreams;
    return this.streams < Math.min(limit ?? this.#parts.maxStreams, this.#parts.maxStreams);
  }

  /** Counts a request until it is disposed. */
  enter(): Disposable {
    this.streams++;
    this.#idle?.[Symbol.dispose]();
    this.#idle = undefined;
    return {
      [Symbol.dispose]: () => {
        if (--this.streams === 0) this.#idleFrom();
      },
    };
  }

  /** Whether WebSocket can be carried (RFC 8441): known once the pod's settings are. */
  async canConnect(): Promise<boolean> {
    const { wheel, podConnectMs } = this.#parts;
    const limit = wheel.after(podConnectMs, () => this.#settings.resolve());
    await this.#settings.promise;
    limit[Symbol.dispose]();
    return this.session.remoteSettings.enableConnectProtocol === true;
  }

  destroy(): void {
    this.#idle?.[Symbol.dispose]();
    this.session.destroy();
  }

  #connected(): Promise<void> {
    const { session } = this;
    const { wheel, podConnectMs } = this.#parts;
    const late = () => session.destroy(new Error(`no connection within ${podConnectMs} ms`));
    const limit = wheel.after(podConnectMs, late);
    return new Promise<void>((resolve, reject) => {
      const refused = (cause?: Error) => {
        const error = cause ?? new Error("the connection closed at once");
        reject(new PodFailure("pod_refused", { sent: false, reused: false }, error));
      };
      session.once("connect", () => {
        session.setLocalWindowSize(connectionWindow);
        resolve();
      });
      session.once("error", refused);
      session.once("close", () => refused());
    }).finally(() => limit[Symbol.dispose]());
  }

  #idleFrom(): void {
    if (this.session.closed) return;
    this.#idle = this.#parts.wheel.after(this.#parts.podIdleMs, () => this.session.close());
  }
}
