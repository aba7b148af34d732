import type { Clock, Millis } from "#core/clock.ts";
import { RequestError } from "#core/errors.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { Step } from "./step.ts";

/** Who turns requests into stats for the autoscaler. */
interface RequestCounter {
  /** Counts a request until it is disposed. */
  enter(id: RevisionId): Disposable;
}

export interface MeasureParts {
  readonly clock: Clock;
  readonly counter: RequestCounter;
  /** Told of each request at its end; `durationMs` is undefined for an upgraded connection. */
  readonly onEnd: (revision: Revision, code: number, durationMs: Millis | undefined) => void;
}

/**
 * Counts the request for as long as it waits and runs (`knative.md` 4.8). A request that failed counts under its
 * error's status, also when its answer had begun with another one.
 */
export const measure = (parts: MeasureParts): Step => {
  const { clock, counter, onEnd } = parts;
  return async (exchange, next) => {
    const revision = exchange.revision!;
    const counted = counter.enter(revision.id);
    let code = 500;
    try {
      await next(exchange);
      code = exchange.status;
    } catch (error) {
      if (error instanceof RequestError) code = error.status;
      throw error;
    } finally {
      // By hand: the engine does not optimize functions with `using`, and every request comes through here.
      counted[Symbol.dispose]();
      onEnd(revision, code, exchange.tunnelled ? undefined : clock.now() - exchange.arrivedAt);
    }
  };
};
