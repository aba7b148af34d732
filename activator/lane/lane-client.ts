import type { Route } from "#core/ports.ts";

/** What a request in the lane knows of its connection. */
export interface LaneClient {
  readonly peer: string;
  readonly route: Route | undefined;
  /** No further request is taken: the answer is the connection's last one. */
  readonly closing: boolean;
  /** The client keeps up with what is sent. */
  readonly flowing: boolean;
  /** The lines that are added to every request with this Host. */
  added: { readonly host: string; readonly lines: string } | undefined;
  /** Sends text, one byte per character. */
  sendText(text: string): void;
  /** Sends a copy of bytes, at most `blockSize` of them: their memory may be used again at once. */
  sendCopy(bytes: Buffer): void;
  /** The answer has been handed over in full. */
  answered(): void;
  destroy(): void;
}
