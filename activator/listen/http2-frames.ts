/** HTTP/2's frames as they lie in a stream of bytes (RFC 9113, 4.1). */

export const frameType = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  ping: 6,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const END_STREAM = 1;
export const END_HEADERS = 4;
export const ACK = 1;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Bytes of the payload. */
  readonly length: number;
  /** The payload itself, of the types that are read whole; empty otherwise. */
  readonly payload: Buffer;
}

const HEAD = 9;
const none = Buffer.alloc(0);

/** Frames that are short by their kind; a longer one is an error that nghttp2 will find. */
const whole = new Set<number>([
  frameType.priority,
  frameType.rstStream,
  frameType.settings,
  frameType.ping,
  frameType.windowUpdate,
]);
const maxWhole = 1024;

/**
 * Finds the frames in bytes as they come, shows each to `onFrame`, and gives the bytes back without the frames that it
 * says to drop. Of a frame that is shown whole nothing is given before all of it is there.
 */
export class FrameScanner {
  readonly #onFrame: (frame: Frame) => "pass" | "drop";
  #held: Buffer = none;
  /** Bytes of the present frame that are still to come. */
  #rest: number;
  /** They are dropped as well. */
  #dropping = false;

  /** `skip`: bytes that come before the first frame. */
  constructor(onFrame: (frame: Frame) => "pass" | "drop", skip = 0) {
    this.#onFrame = onFrame;
    this.#rest = skip;
  }

  /** Whether the next byte begins a frame. */
  get between(): boolean {
    return this.#rest === 0 && this.#held.length === 0;
  }

  scan(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const kept: Buffer[] = [];
    let at = this.#rest;
    let from = this.#dropping ? at : 0;
    while (bytes.length - at >= HEAD) {
      const frame = frameAt(bytes, at);
      if (frame === undefined) break;
      const end = at + HEAD + frame.length;
      this.#dropping = this.#onFrame(frame) === "drop";
      if (this.#dropping) {
        kept.push(bytes.subarray(from, at));
        from = end;
      }
      at = end;
    }
    const end = Math.min(at, bytes.length);
    this.#rest = at - end;
    if (this.#rest === 0) this.#dropping = false;
    this.#held = bytes.subarray(end);
    kept.push(bytes.subarray(Math.min(from, end), end));
    return kept.length === 1 ? kept[0]! : Buffer.concat(kept);
  }
}

/** undefined when it is to be read whole and is not all there. */
const frameAt = (bytes: Buffer, at: number): Frame | undefined => {
  const length = bytes.readUIntBE(at, 3);
  const type = bytes[at + 3]!;
  const read = whole.has(type) && length <= maxWhole;
  if (read && bytes.length - at < HEAD + length) return undefined;
  return {
    type,
    length,
    flags: bytes[at + 4]!,
    stream: bytes.readUInt32BE(at + 5) & 0x7f_ff_ff_ff,
    payload: read ? bytes.subarray(at + HEAD, at + HEAD + length) : none,
  };
};
