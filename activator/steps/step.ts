import type { Exchange } from "../exchange.ts";

/** The rest of the pipeline. Resolves when the answer is complete; rejects with a `RequestError` or a bug. */
export type Next = (exchange: Exchange) => Promise<void>;

/** One step: answers by itself, or hands on to `next`, with work before and after as it needs. */
export type Step = (exchange: Exchange, next: Next) => Promise<void>;

const end: Next = () => Promise.reject(new Error("the last step of a pipeline must answer"));

/** Makes one function of steps, the first one outermost. Put together once: a request costs no closures. */
export const compose = (steps: readonly Step[]): Next =>
  steps.reduceRight<Next>((next, step) => (exchange) => step(exchange, next), end);
