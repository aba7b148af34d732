import type { Clock, Millis } from "#core/clock.ts";
import type { RequestError } from "#core/errors.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { Ending, Exchange } from "../exchange.ts";
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
export const measure =
  (parts: MeasureParts): Step =>
  (exchange, next) => {
    exchange.atEnd(new Measured(parts, exchange.revision!));
    return next(exchange);
  };

class Measured implements Ending {
  outer: Ending | undefined;
  readonly #parts: MeasureParts;
  readonly #revision: Revision;
  readonly #counted: Disposable;

  constructor(parts: MeasureParts, revision: Revision) {
    this.#parts = parts;
    this.#revision = revision;
    this.#counted = parts.counter.enter(revision.id);
  }

  ended({ status, tunnelled, arrivedAt }: Exchange, failure: RequestError | undefined): void {
    const { clock, onEnd } = this.#parts;
    this.#counted[Symbol.dispose]();
    const code = failure?.status ?? status;
    onEnd(this.#revision, code, tunnelled ? undefined : clock.now() - arrivedAt);
  }
}
