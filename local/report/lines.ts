/** Tells a log, one line per event. */
import type { Millis } from "#core/clock.ts";
import { eventText } from "./text.ts";
import { writeLine, type Output, type Reporter } from "./reporter.ts";

const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium", hour12: false });

export const timeText = (at: Millis): string => time.format(at);

/** For a log: one line per event, and the output of pods, on stdout. */
export const lineReporter = (stdout: Output): Reporter => ({
  event: (event, at) => {
    const text = eventText(event);
    if (text !== undefined) stdout.write(`${timeText(at)} ${text}\n`);
  },
  line: (pod, text) => writeLine(stdout, `${pod} | ${text}`),
  stop: () => undefined,
});
