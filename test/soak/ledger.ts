import type { Disturbances } from "./disturbances.ts";
import type { Record } from "./outcome.ts";

interface Tally {
  right: number;
  left: number;
  readonly explained: Map<string, number>;
}

/** Counts what happened, and keeps what nothing explains. */
export class Ledger {
  readonly #disturbances: Disturbances;
  readonly #tallies = new Map<string, Tally>();
  /** Failures wait for their explanation: a crash is over only when a pod is ready again. */
  #failed: Record[] = [];
  readonly unexplained: Record[] = [];

  constructor(disturbances: Disturbances) {
    this.#disturbances = disturbances;
  }

  add(record: Record): void {
    const tally = this.#tally(record);
    if (record.outcome.kind === "failed") this.#failed.push(record);
    else tally[record.outcome.kind]++;
  }

  /** Judges the failures so far; when everything is quiet. */
  settle(): void {
    for (const record of this.#failed) {
      const why = this.#disturbances.explain(record);
      if (why === undefined || record.outcome.kind !== "failed") this.unexplained.push(record);
      else {
        const { explained } = this.#tally(record);
        const name = `${record.outcome.code} (${why})`;
        explained.set(name, (explained.get(name) ?? 0) + 1);
      }
    }
    this.#failed = [];
  }

  get total(): { readonly right: number; readonly left: number; readonly explained: number } {
    let [right, left, explained] = [0, 0, 0];
    for (const tally of this.#tallies.values()) {
      right += tally.right;
      left += tally.left;
      for (const count of tally.explained.values()) explained += count;
    }
    return { right, left, explained };
  }

  /** Right answers of one action, of whatever Service. */
  rightOf(action: string): number {
    return [...this.#tallies].reduce(
      (sum, [name, { right }]) => (name.endsWith(` ${action}`) ? sum + right : sum),
      0,
    );
  }

  /** A line per Service and action. */
  table(): string {
    const lines = [...this.#tallies]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { right, left, explained }]) => {
        const errors = [...explained].map(([code, count]) => `${count} × ${code}`).join(", ");
        return `  ${name.padEnd(28)} ${String(right).padStart(7)} right ${String(left).padStart(6)} left  ${errors}`;
      });
    return lines.join("\n");
  }

  /** The first failures that nothing explains, with what was done near them. */
  evidence(): string[] {
    return this.unexplained.slice(0, 20).map((record) => {
      const near = this.#disturbances
        .near(record)
        .map(({ kind, from, to }) => `${kind} ${from.toFixed(0)}–${to.toFixed(0)}`);
      const { service, action, from, to, outcome } = record;
      return `${service} ${action} ${from.toFixed(0)}–${to.toFixed(0)}: ${JSON.stringify(outcome)}; near: ${near.join(", ") || "nothing"}`;
    });
  }

  #tally({ service, action }: Record): Tally {
    const name = `${service} ${action}`;
    const known = this.#tallies.get(name);
    if (known !== undefined) return known;
    const made: Tally = { right: 0, left: 0, explained: new Map() };
    this.#tallies.set(name, made);
    return made;
  }
}
