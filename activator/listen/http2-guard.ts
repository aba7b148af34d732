import type { Millis } from "#core/clock.ts";
import type { ClientLimits } from "#core/revision.ts";

/** A stream that lived this long was not opened to be reset. */
const youngMs: Millis = 1000;
/** What a Service may set otherwise. */
const defaults = {
  /** Young streams that a client may reset before it matters what share of all they are. */
  resets: 100,
  /** Frames that ask for an answer but are no request (PING, SETTINGS), at once. */
  controlFrames: 500,
};
/** How often such a frame may come for good. */
const controlEveryMs: Millis = 100;

/**
 * Counts what one HTTP/2 connection costs without asking for anything: streams reset as soon as they are opened
 * (CVE-2023-44487), floods of PING and SETTINGS (CVE-2019-9512, -9515). A browser or gRPC client that cancels a
 * good part of its requests stays far below.
 */
export class Http2Guard {
  readonly #limits: { readonly resets: number; readonly controlFrames: number };
  #streams = 0;
  #youngResets = 0;
  #controls = 0;
  #controlAt: Millis = 0;

  constructor(limits: Pick<ClientLimits, "resets" | "controlFrames"> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  streamBegan(): void {
    this.#streams++;
  }

  streamReset(ageMs: Millis): void {
    if (ageMs < youngMs) this.#youngResets++;
  }

  control(now: Millis): void {
    this.#controls = Math.max(0, this.#controls - (now - this.#controlAt) / controlEveryMs) + 1;
    this.#controlAt = now;
  }

  /** What the client overdoes; undefined when all is well. */
  get abuse(): string | undefined {
    const { resets, controlFrames } = this.#limits;
    if (this.#controls > controlFrames) return "a flood of PING or SETTINGS frames";
    const rapid = this.#youngResets > resets && this.#youngResets * 2 > this.#streams;
    return rapid ? "most requests are reset as soon as they are sent" : undefined;
  }
}
