/** Watches the files and folders with manifests. */
import { watch, type FSWatcher } from "node:fs";
import { statSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { Clock, Millis } from "#core/clock.ts";

/** Editors write in several steps; what is read in between may be half a file. */
const SETTLE_MS: Millis = 100;

interface WatchOptions {
  readonly clock: Clock;
  /** Something may have changed; called once for changes that come together. */
  readonly changed: () => unknown;
  /** A folder cannot be watched. */
  readonly failed: (error: Error) => void;
}

/**
 * Watches manifests. Folders are watched, not files: an editor that saves by renaming puts a new file in the
 * place of the old one.
 */
export const watchManifests = (
  named: readonly string[],
  { clock, changed, failed }: WatchOptions,
): Disposable => {
  let timer: Disposable | undefined;
  const soon = (): void => {
    timer?.[Symbol.dispose]();
    timer = clock.after(SETTLE_MS, changed);
  };
  const watchers = watched(named).flatMap(({ folder, fits }): FSWatcher[] => {
    try {
      const watcher = watch(folder, (_, name) => {
        if (name === null || fits(name)) soon();
      });
      return [watcher.on("error", failed)];
    } catch (error) {
      failed(error as Error);
      return [];
    }
  });
  return {
    [Symbol.dispose]: () => {
      timer?.[Symbol.dispose]();
      for (const watcher of watchers) watcher.close();
    },
  };
};

interface Watched {
  readonly folder: string;
  readonly fits: (name: string) => boolean;
}

/** One entry per folder, however many files of it are named. */
const watched = (named: readonly string[]): Watched[] => {
  const files = new Map<string, Set<string> | "all">();
  for (const path of named) {
    if (statSync(path).isDirectory()) files.set(path, "all");
    else {
      const folder = dirname(path);
      const names = files.get(folder) ?? new Set();
      if (names !== "all") files.set(folder, names.add(basename(path)));
    }
  }
  return [...files].map(([folder, names]) => ({
    folder,
    fits: (name) => (names === "all" ? /\.(ya?ml|json)$/i.test(name) : names.has(name)),
  }));
};
