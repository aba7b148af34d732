import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { END_HEADERS, type Frame, FrameScanner, frameType } from "./http2-frames.ts";
import { Http2Rules, type Verdict } from "./http2-rules.ts";

export interface GateEvents {
  /** The connection must end with this error. */
  readonly onGoaway: (code: number, why: string) => void;
  /** A stream must end with this error; false when there is none any more. */
  readonly onReset: (stream: number, code: number) => boolean;
  /** A piece of a request's head has begun to come: its last one, or not. */
  readonly onHead: (last: boolean) => void;
}

type Done = (error?: Error | null) => void;

const prefaceLength = 24;

/** Stands between a client's connection and node's HTTP/2 and holds the client to `Http2Rules`. */
export class Http2Gate extends Duplex {
  readonly #socket: Socket;
  readonly #events: GateEvents;
  readonly #rules = new Http2Rules();
  readonly #in: FrameScanner;
  readonly #out: FrameScanner;
  #shut = false;
  /** Frames of our own that wait for a place between node's. */
  #waiting: Buffer[] = [];

  constructor(socket: Socket, events: GateEvents) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#events = events;
    this.#in = new FrameScanner((frame) => this.#judge(frame), prefaceLength);
    this.#out = new FrameScanner((frame) => {
      this.#rules.sent(frame);
      return "pass";
    });
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    socket.on("end", () => this.push(null));
    socket.on("close", () => this.destroy());
    socket.on("error", (error) => this.destroy(error));
    socket.pause();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(chunk: Buffer, _encoding: string, done: Done): void {
    this.#track(chunk);
    this.#socket.write(chunk, done);
    this.#inject();
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#socket.cork();
    for (const [i, { chunk }] of chunks.entries()) {
      this.#track(chunk);
      if (i === chunks.length - 1) this.#socket.write(chunk, done);
      else this.#socket.write(chunk);
    }
    this.#socket.uncork();
    this.#inject();
  }

  override _final(done: Done): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket.destroy();
    done(error);
  }

  #onData(chunk: Buffer): void {
    if (this.#shut) return;
    const passed = this.#in.scan(chunk);
    if (passed.length > 0 && !this.push(passed)) this.#socket.pause();
  }

  #track(chunk: Buffer): void {
    this.#out.scan(chunk);
  }

  #judge(frame: Frame): "pass" | "drop" {
    if (this.#shut) return "drop";
    if (frame.type === frameType.headers || frame.type === frameType.continuation) {
      const last = (frame.flags & END_HEADERS) !== 0;
      process.nextTick(this.#events.onHead, last);
    }
    const verdict: Verdict = this.#rules.received(frame);
    if (verdict === "pass" || verdict === "drop") return verdict;
    if ("goaway" in verdict) {
      this.#shut = true;
      process.nextTick(this.#events.onGoaway, verdict.goaway, verdict.why);
    } else process.nextTick(() => this.#reset(verdict.stream, verdict.reset));
    return "drop";
  }

  #reset(stream: number, code: number): void {
    if (this.destroyed || this.#events.onReset(stream, code)) return;
    const frame = Buffer.from([0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0, 0, code]);
    frame.writeUInt32BE(stream, 5);
    this.#waiting.push(frame);
    this.#inject();
  }

  #inject(): void {
    if (this.#waiting.length === 0 || !this.#out.between) return;
    for (const frame of this.#waiting.splice(0)) this.#socket.write(frame);
  }
}
