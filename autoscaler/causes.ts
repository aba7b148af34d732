/** Why workloads were told another number of pods, in words for metrics, and how often per revision. */

const causes = ["load", "panic", "idle", "bounds"] as const;
export type Cause = (typeof causes)[number];

const directions = ["down", "up"] as const;
export type Direction = (typeof directions)[number];

/** How often for each cause and direction: a few small integers, since there is one of these per revision. */
export type ChangeCounts = number[];

const cell = (direction: Direction, cause: Cause): number =>
  causes.indexOf(cause) * directions.length + directions.indexOf(direction);

/** Counts one change in `counts`, or in a new store, and gives that. */
export const countChange = (
  counts: ChangeCounts | undefined,
  direction: Direction,
  cause: Cause,
): ChangeCounts => {
  const into = counts ?? Array.from(causes, () => directions.map(() => 0)).flat();
  into[cell(direction, cause)]!++;
  return into;
};

/** What was counted at least once. */
export function* changesIn(
  counts: ChangeCounts | undefined,
): Generator<{ readonly direction: Direction; readonly cause: Cause; readonly count: number }> {
  if (counts === undefined) return;
  for (const cause of causes)
    for (const direction of directions) {
      const count = counts[cell(direction, cause)]!;
      if (count > 0) yield { direction, cause, count };
    }
}
