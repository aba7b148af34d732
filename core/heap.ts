/** Keeps the heap of a process near what it holds. */
import { setFlagsFromString } from "node:v8";

/** How far the heap may grow, in percent of what is in use, before V8 collects it whole. */
const GROWTH_PERCENT = 20;

/**
 * Has V8 collect garbage when the heap has grown by 20 % instead of up to fourfold: for a process that holds much
 * and makes little garbage, which would otherwise take two to three times the memory it needs. With
 * `--max-semi-space-size=2` on the command line the young generation stays small as well; that one cannot be
 * set from inside.
 */
export const keepHeapSmall = (): void => setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
