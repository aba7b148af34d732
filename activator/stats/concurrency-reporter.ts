import { nanosOf, type Clock, type Millis, type Nanos } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { RevisionId } from "#core/revision.ts";
import type { StatMessage, StatSink } from "#core/stat.ts";
import { type Entered, RevisionLoad, type Load } from "./revision-load.ts";

export interface ConcurrencyReporterDeps {
  readonly clock: Clock;
  readonly sink: StatSink;
  /** This activator's name, by which the autoscaler tells reporters apart. */
  readonly podName: string;
}

const PERIOD: Millis = 1000;

/** A request that is counted until it is disposed. An object with closures of its own would cost more to make. */
class Counted implements Disposable {
  #entered: Entered | undefined;
  readonly #leave: (entered: Entered) => void;

  constructor(entered: Entered, leave: (entered: Entered) => void) {
    this.#entered = entered;
    this.#leave = leave;
  }

  [Symbol.dispose](): void {
    const entered = this.#entered;
    if (entered === undefined) return;
    this.#entered = undefined;
    this.#leave(entered);
  }
}

/**
 * Tells the autoscaler what load each revision has: a first request at once, everything once a second. Requests
 * that wait for a pod count, since they are what pods are needed for.
 */
export class ConcurrencyReporter implements Part {
  readonly name = "concurrency-reporter";
  readonly #deps: ConcurrencyReporterDeps;
  readonly #load = new RevisionLoad();
  /** Times count from here: as nanoseconds since 1970 they would not be exact. */
  readonly #origin: Millis;
  #timer: Disposable | undefined;

  constructor(deps: ConcurrencyReporterDeps) {
    this.#deps = deps;
    this.#origin = deps.clock.now();
  }

  /** Counts a request of `id` until it is disposed, once. */
  enter(id: RevisionId): Disposable {
    const entered = this.#load.enter(id, this.#now());
    if (entered.first !== undefined) this.#send([entered.first]);
    return new Counted(entered, this.#leave);
  }

  readonly #leave = (entered: Entered): void => this.#load.leave(entered, this.#now());

  start(): Promise<void> {
    this.#timer ??= this.#deps.clock.every(PERIOD, () => this.#send(this.#load.report(this.#now())));
    return Promise.resolve();
  }

  /** Reports what is left, and then that nothing is: an activator that goes must not look like one that hangs. */
  stop(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#send(this.#load.report(this.#now()));
    this.#send(this.#load.report(this.#now()));
    return Promise.resolve();
  }

  #now(): Nanos {
    return nanosOf(this.#deps.clock.now() - this.#origin);
  }

  #send(loads: readonly Load[]): void {
    if (loads.length > 0) this.#deps.sink.send(loads.map((load) => this.#message(load)));
  }

  #message({ id, concurrency, requestCount }: Load): StatMessage {
    return {
      id,
      stat: {
        podName: this.#deps.podName,
        averageConcurrentRequests: concurrency,
        averageProxiedConcurrentRequests: 0,
        requestCount,
        proxiedRequestCount: 0,
        processUptime: 0,
        timestamp: 0n,
      },
    };
  }
}
