/** What those who tell have in common. */
import type { Millis } from "#core/clock.ts";
import type { LocalEvent } from "../events.ts";
import type { LineSink } from "../pod/lines.ts";

/** A text stream: stdout or stderr. */
export interface Output {
  write(text: string): boolean;
  once(event: "drain", listener: () => void): unknown;
  /** Size of a terminal, in characters. */
  readonly columns?: number;
  readonly rows?: number;
}

export interface Outputs {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** Tells a person or a program what happens. */
export interface Reporter {
  event(event: LocalEvent, at: Millis): void;
  /** One line of a pod's output. */
  line(pod: string, ...line: Parameters<LineSink>): ReturnType<LineSink>;
  /** Nothing more comes. */
  stop(): void;
}

/** Writes a line; when the stream is full, the answer resolves once it is not. */
export const writeLine = (to: Output, text: string): Promise<void> | undefined =>
  to.write(`${text}\n`) ? undefined : new Promise((resolve) => to.once("drain", resolve));
