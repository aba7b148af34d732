import { RequestError, type ErrorCode } from "#core/errors.ts";
import type { Dest } from "#core/ports.ts";
import type { Exchange } from "../exchange.ts";

/** Sends a request to a pod and its answer back. All that the activate step knows of forwarding. */
export interface ForwardingEngine {
  /**
   * Resolves when the pod's answer has been handed to the client in full, or the upgraded connection has closed.
   * Rejects with a `PodFailure` when the pod is to blame, with `exchange.cancelled` when that was set meanwhile, or
   * with another `RequestError`. Nothing of the request's body has been read when the failure says `sent: false`.
   */
  forward(exchange: Exchange, dest: Dest): Promise<void>;
  /** Connections to pods that are open, for tests and metrics. */
  readonly connections: number;
  /** Closes every connection at once. */
  close(): void;
}

export type PodFault = Extract<ErrorCode, "pod_refused" | "pod_reset" | "pod_bad_response">;

/** A pod did not answer as it should. */
export class PodFailure extends RequestError {
  /** Whether a byte of the request may have reached the pod. */
  readonly sent: boolean;
  /** Whether the connection had served a request before: then it may have died of age, not of this request. */
  readonly reused: boolean;

  constructor(code: PodFault, where: { readonly sent: boolean; readonly reused: boolean }, cause: Error) {
    super(code, { detail: cause.message, cause });
    this.sent = where.sent;
    this.reused = where.reused;
  }
}
