import type { Nanos } from "#core/clock.ts";
import { inSeconds } from "#core/go-arithmetic.ts";

/** What one server did since the last report. */
export interface RequestReport {
  /** Time-weighted averages, in requests; 0 when no time has passed. */
  readonly averageConcurrency: number;
  readonly averageProxiedConcurrency: number;
  /** Arrivals since the last report. */
  readonly requestCount: number;
  readonly proxiedRequestCount: number;
}

/**
 * Request accounting of one server (`knative.md` 4.8). Each event adds the requests under way times the time
 * since the event before; time that stands still or goes back adds nothing.
 */
export class RequestStats {
  #lastChange: Nanos;
  #concurrency = 0;
  #proxiedConcurrency = 0;
  #requestCount = 0;
  #proxiedCount = 0;
  /** Request-seconds and seconds since the last report. */
  #area = 0;
  #proxiedArea = 0;
  #seconds = 0;

  constructor(start: Nanos) {
    this.#lastChange = start;
  }

  requestIn(now: Nanos): void {
    this.#advance(now);
    this.#concurrency++;
    this.#requestCount++;
  }

  requestOut(now: Nanos): void {
    this.#advance(now);
    this.#concurrency--;
  }

  /** A request that an activator sent, which counts it too. */
  proxiedIn(now: Nanos): void {
    this.requestIn(now);
    this.#proxiedConcurrency++;
    this.#proxiedCount++;
  }

  proxiedOut(now: Nanos): void {
    this.requestOut(now);
    this.#proxiedConcurrency--;
  }

  /** Cuts a report: the next one begins at `now`. */
  report(now: Nanos): RequestReport {
    this.#advance(now);
    const used = this.#seconds > 0;
    const report = {
      averageConcurrency: used ? this.#area / this.#seconds : 0,
      averageProxiedConcurrency: used ? this.#proxiedArea / this.#seconds : 0,
      requestCount: this.#requestCount,
      proxiedRequestCount: this.#proxiedCount,
    };
    this.#area = 0;
    this.#proxiedArea = 0;
    this.#seconds = 0;
    this.#requestCount = 0;
    this.#proxiedCount = 0;
    return report;
  }

  #advance(now: Nanos): void {
    const seconds = inSeconds(now - this.#lastChange);
    if (seconds <= 0) return;
    this.#seconds += seconds;
    this.#area += this.#concurrency * seconds;
    this.#proxiedArea += this.#proxiedConcurrency * seconds;
    this.#lastChange = now;
  }
}
