import type { Millis } from "#core/clock.ts";
import type { Stat } from "#core/stat.ts";

interface Reporter {
  readonly name: string;
  at: Millis;
  loaded: boolean;
}

/** Reports come once a second; two are missing before anything is made of it. */
const SILENT_AFTER: Millis = 2500;
/** Bounds what a hostile sender of ever new names can cost. */
const MAX_REPORTERS = 1000;

/**
 * Who reported about one revision. A reporter ends what it says with a zero (`knative.md` 4.8), so one that fell
 * silent while it had load did not finish: it died, or the way to it is cut, and what it carries is not known.
 */
export class Reporters {
  #list: Reporter[] = [];

  heard(stat: Stat, now: Millis): void {
    const loaded = stat.averageConcurrentRequests > 0 || stat.requestCount > 0;
    const known = this.#list.find(({ name }) => name === stat.podName);
    if (known !== undefined) {
      known.at = now;
      known.loaded = loaded;
    } else if (loaded && this.#list.length < MAX_REPORTERS)
      this.#list.push({ name: stat.podName, at: now, loaded });
  }

  /** Names of those that are silent with load for less than `windowMs`, and until when each counts. */
  missing(now: Millis, windowMs: Millis): readonly { readonly name: string; readonly until: Millis }[] {
    if (this.#list.every(({ loaded, at }) => loaded && now - at <= SILENT_AFTER)) return [];
    this.#list = this.#list.filter(({ loaded, at }) => loaded && now - at <= windowMs);
    return this.#list
      .filter(({ at }) => now - at > SILENT_AFTER)
      .map(({ name, at }) => ({ name, until: at + windowMs }));
  }

  /** Reporters with load that were heard of lately. */
  heardOf(now: Millis): number {
    return this.#list.filter(({ loaded, at }) => loaded && now - at <= SILENT_AFTER).length;
  }
}
