import type { Clock, Millis } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import type { Dest, Scale } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";

export interface IdleFirstDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** The ready pods of a revision whose workload heeds deletion costs; none for any other. */
  readonly pods: (id: RevisionId) => readonly Dest[];
  /** Requests in each pod, by its dest's key, as one activator knows them. One answer for each activator. */
  readonly inFlight: (
    id: RevisionId,
    signal: AbortSignal,
  ) => Promise<readonly Readonly<Record<string, number>>[]>;
  /** Writes what each pod, by its name, is worth. */
  readonly write: (id: RevisionId, costs: ReadonlyMap<string, number>) => Promise<void>;
}

/** Scaling down does not wait longer than this for knowing which pod is idle. */
const LIMIT_MS: Millis = 1000;
/** More pods than that are not worth as many writes. */
const MAX_PODS = 100;

/** What each pod is worth: the requests that are in it now. Pure. */
export const costsOf = (
  pods: readonly Dest[],
  counts: readonly Readonly<Record<string, number>>[],
): ReadonlyMap<string, number> => {
  const costs = new Map<string, number>();
  for (const { key, pod } of pods) {
    if (pod === undefined) continue;
    costs.set(
      pod,
      counts.reduce((sum, byKey) => sum + (byKey[key] ?? 0), 0),
    );
  }
  // Where all are worth the same there is nothing to say.
  return new Set(costs.values()).size > 1 ? costs : new Map();
};

/**
 * Scale with one step before: when some of the pods are to go, but not all, the cluster is told which are idle, so
 * that those go first. Best effort: what cannot be found out in time does not hold up the scaling.
 */
export const idleFirst = (scale: Scale, deps: IdleFirstDeps): Scale => {
  const mark = async (id: RevisionId): Promise<void> => {
    const pods = deps.pods(id);
    if (pods.length < 2 || pods.length > MAX_PODS) return;
    const limit = new AbortController();
    using _timer = deps.clock.after(LIMIT_MS, () => limit.abort(new Error(`took over ${LIMIT_MS} ms`)));
    const ended = new Promise<never>((_, reject) => {
      limit.signal.addEventListener("abort", () => reject(limit.signal.reason as Error), { once: true });
    });
    const write = async (): Promise<void> => {
      const costs = costsOf(pods, await deps.inFlight(id, limit.signal));
      if (costs.size > 0) await deps.write(id, costs);
    };
    await Promise.race([write(), ended]);
  };
  return {
    wanted: (id) => scale.wanted(id),
    pods: (id) => scale.pods(id),
    apply: async (id, replicas, options) => {
      if (replicas > 0 && replicas < (options?.onlyIf ?? (await scale.wanted(id)))) {
        await mark(id).catch((error: unknown) => {
          deps.log.info({ err: error, service: id }, "idle pods are not known");
        });
      }
      return scale.apply(id, replicas, options);
    },
  };
};
