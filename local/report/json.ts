/** Tells programs, one JSON object per event. */
import { writeLine, type Outputs, type Reporter } from "./reporter.ts";

/** For programs: one JSON object per event on stdout; the output of pods goes to stderr. */
export const jsonReporter = ({ stdout, stderr }: Outputs): Reporter => ({
  event: ({ event, ...fields }, at) => void stdout.write(`${JSON.stringify({ event, at, ...fields })}\n`),
  line: (pod, text) => writeLine(stderr, `${pod} | ${text}`),
  stop: () => undefined,
});
