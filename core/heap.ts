/** Keeps the heap of a process near what it holds. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** How far the heap may grow, in percent of what is in use, before V8 collects it whole. */
const GROWTH_PERCENT = 20;

/**
 * Has V8 collect garbage when the heap has grown by 20 % instead of up to fourfold: for a process that holds much
 * and makes little garbage, which would otherwise take two to three times the memory it needs. With
 * `--max-semi-space-size=2` on the command line the young generation stays small as well; that one cannot be
 * set from inside.
 */
export const keepHeapSmall = (): void => setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);

/**
 * Collects the whole heap once. What a start leaves behind would otherwise stay for as long as a process has nothing
 * to do: V8 collects when a process allocates, and an idle one does not.
 */
export const shedStartUp = (): void => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { type: "major" }) => void;
  setFlagsFromString("--no-expose-gc");
  collect({ type: "major" });
};
