/** Who reports about a revision, and who fell silent under load. */
import type { Millis } from "#core/clock.ts";
import type { Stat } from "#core/stat.ts";

/** Reports come once a second; two are missing before anything is made of it. */
const SILENT_AFTER: Millis = 2500;
/** Bounds what a hostile sender of ever new names can cost. */
const MAX_REPORTERS = 1000;

/** In place of a time: its last word was a zero. */
const DONE = -Infinity;

/**
 * Who reported about one revision. A reporter ends what it says with a zero (`knative.md` 4.8), so one that fell
 * silent while it had load did not finish: it died, or the way to it is cut, and what it carries is not known.
 */
export class Reporters {
  /**
   * Side by side and unboxed, for the sake of memory and of its cache: this is written to tens of thousands of
   * times a second. The first time is that of the last load of all; the one of `names[i]` is at i + 1.
   */
  #names: readonly string[] = [];
  #times: Millis[] = [DONE];

  /** When the last stat with any load came; −Infinity = never. */
  get lastLoad(): Millis {
    return this.#times[0]!;
  }

  heard(stat: Stat, now: Millis): void {
    const loaded = stat.averageConcurrentRequests > 0 || stat.requestCount > 0;
    if (loaded) this.#times[0] = now;
    const index = this.#names.indexOf(stat.podName);
    if (index >= 0) this.#times[index + 1] = loaded ? now : DONE;
    else if (loaded && this.#names.length < MAX_REPORTERS) {
      // Neither pushed nor spread: both would make room for a dozen more.
      this.#names = this.#names.concat(stat.podName);
      this.#times = this.#times.concat(now);
    }
  }

  /** Names of those that are silent with load for at most `windowMs`, and until when each counts. */
  missing(now: Millis, windowMs: Millis): readonly { readonly name: string; readonly until: Millis }[] {
    this.#forget(now - windowMs);
    return this.#names
      .map((name, i) => ({ name, at: this.#times[i + 1]! }))
      .filter(({ at }) => now - at > SILENT_AFTER)
      .map(({ name, at }) => ({ name, until: at + windowMs }));
  }

  /** Reporters with load that were heard of lately. */
  heardOf(now: Millis): number {
    return this.#names.filter((_, i) => now - this.#times[i + 1]! <= SILENT_AFTER).length;
  }

  /** Lets go of those that are done, or silent since before `since`. */
  #forget(since: Millis): void {
    const [lastLoad, ...times] = this.#times;
    const stays = (_: unknown, i: number): boolean => times[i]! >= since;
    if (times.every(stays)) return;
    this.#names = this.#names.filter(stays);
    this.#times = [lastLoad!].concat(times.filter(stays));
  }
}
