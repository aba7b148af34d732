/** Cuts the output of a process into lines. */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/**
 * Takes one line of output, without its end. May answer with a promise: then nothing more is read until it
 * resolves, so that a slow terminal slows the process down instead of filling memory.
 */
export type LineSink = (text: string, stream: "stdout" | "stderr") => Promise<void> | undefined;

/** A line longer than this is passed on in pieces. Characters. */
const LONGEST = 64 * 1024;

/** Calls `sink` with each line of a stream; what follows the last line end is passed on at the end. */
export const eachLine = (stream: Readable, sink: (text: string) => Promise<void> | undefined): void => {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const pass = (text: string): void => {
    const wait = sink(text);
    if (wait === undefined) return;
    stream.pause();
    void wait.finally(() => stream.resume());
  };
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop()!;
    for (const line of lines) pass(line.replace(/\r$/, ""));
    for (; rest.length > LONGEST; rest = rest.slice(LONGEST)) pass(rest.slice(0, LONGEST));
  });
  stream.on("end", () => {
    rest += decoder.end();
    if (rest !== "") pass(rest);
    rest = "";
  });
  stream.on("error", () => undefined);
};
