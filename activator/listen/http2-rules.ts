import { ACK, END_STREAM, type Frame, frameType } from "./http2-frames.ts";

/** What a client's frame calls for. */
export type Verdict =
  | "pass"
  | "drop"
  /** The connection ends with this error. */
  | { readonly goaway: number; readonly why: string }
  /** The stream ends with this error; the frame is dropped. */
  | { readonly reset: number; readonly stream: number };

const PROTOCOL_ERROR = 1;
const FLOW_CONTROL_ERROR = 3;
const STREAM_CLOSED = 5;
const INITIAL_WINDOW_SIZE = 4;
const maxWindow = 0x7f_ff_ff_ff;

/** Streams that are remembered at most; far more than may be open. */
const memory = 4096;

/**
 * Rules of RFC 9113 that nghttp2, as node sets it up, does not hold clients to: it forgets a stream that is closed, has
 * no priorities, and node takes an error of one stream for one of the connection. Sees what both sides send.
 */
export class Http2Rules {
  /** The highest stream that the client has opened. */
  #last = 0;
  /** Below it nothing is remembered. */
  #floor = 0;
  /** Streams on which the client may still send. */
  readonly #sending = new Set<number>();
  /** What we may send on a stream, by the client's word: also shortly after its end. */
  readonly #windows = new Map<number, number>();
  #initialWindow = 65_535;

  /** A frame of the client. */
  received(frame: Frame): Verdict {
    switch (frame.type) {
      case frameType.data:
      case frameType.headers:
        return this.#message(frame);
      case frameType.rstStream:
        this.#sending.delete(frame.stream);
        return "pass";
      case frameType.priority:
        return priority(frame);
      case frameType.settings:
        this.#settings(frame);
        return "pass";
      case frameType.ping:
        // We send none, so that nobody waits for it (6.7).
        return (frame.flags & ACK) !== 0 && frame.length === 8 && frame.stream === 0 ? "drop" : "pass";
      case frameType.windowUpdate:
        return this.#windowUpdate(frame);
      default:
        return "pass";
    }
  }

  /** A frame of ours. */
  sent({ type, stream, length }: Frame): void {
    const window = this.#windows.get(stream);
    if (type === frameType.data && window !== undefined) this.#windows.set(stream, window - length);
  }

  #message({ type, stream, flags }: Frame): Verdict {
    const ends = (flags & END_STREAM) !== 0;
    if (stream > this.#last) {
      // Only HEADERS may open one; what else comes on a stream that is not open yet nghttp2 refuses.
      if (type === frameType.headers) this.#open(stream, ends);
      return "pass";
    }
    if (!this.#sending.has(stream) && stream > this.#floor)
      return { goaway: STREAM_CLOSED, why: `a frame on stream ${stream}, which the client has ended` };
    if (ends) this.#sending.delete(stream);
    return "pass";
  }

  #open(stream: number, ends: boolean): void {
    this.#last = stream;
    if (!ends) this.#sending.add(stream);
    this.#windows.set(stream, this.#initialWindow);
    if (this.#windows.size > memory) this.#windows.delete(first(this.#windows));
    if (this.#sending.size <= memory) return;
    this.#floor = first(this.#sending);
    this.#sending.delete(this.#floor);
  }

  #settings({ payload, flags }: Frame): void {
    if ((flags & ACK) !== 0) return;
    for (let i = 0; i + 6 <= payload.length; i += 6) {
      if (payload.readUInt16BE(i) !== INITIAL_WINDOW_SIZE) continue;
      const size = payload.readUInt32BE(i + 2);
      for (const [stream, window] of this.#windows)
        this.#windows.set(stream, window + size - this.#initialWindow);
      this.#initialWindow = size;
    }
  }

  #windowUpdate({ stream, payload }: Frame): Verdict {
    const window = this.#windows.get(stream);
    if (window === undefined || payload.length !== 4) return "pass";
    const grown = window + (payload.readUInt32BE(0) & maxWindow);
    if (grown > maxWindow) return { reset: FLOW_CONTROL_ERROR, stream };
    this.#windows.set(stream, grown);
    return "pass";
  }
}

const priority = ({ stream, payload }: Frame): Verdict => {
  if (stream === 0) return { goaway: PROTOCOL_ERROR, why: "a PRIORITY frame of no stream" };
  const self = payload.length === 5 && (payload.readUInt32BE(0) & maxWindow) === stream;
  return self ? { goaway: PROTOCOL_ERROR, why: `stream ${stream} depends on itself` } : "pass";
};

const first = (streams: Set<number> | Map<number, number>): number => streams.keys().next().value!;
