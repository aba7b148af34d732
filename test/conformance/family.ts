import type { Rules } from "#core/divergences.ts";

/** One line of a vector file, as parsed. */
export type Case = { readonly id: string; readonly tag?: string } & Readonly<Record<string, unknown>>;

/** One answer that differs; `at` says which one. */
export interface Difference {
  readonly at: string;
  readonly want: unknown;
  readonly got: unknown;
}

/**
 * Replays one case through the code that production runs. A file `families/<family>.ts` exports it as `replay`
 * and is found by its name.
 */
export type Replay = (test: Case, rules: Rules) => readonly Difference[] | Promise<readonly Difference[]>;

/** Collects the differences of one case. */
export class Checks {
  readonly differences: Difference[] = [];

  check(at: string, want: unknown, got: unknown): void {
    if (!same(want, encode(got))) this.differences.push({ at, want, got: encode(got) });
  }
}

/** A number of a vector file: NaN and the infinities stand there as text; absent is 0. */
export const number = (value: unknown): number => {
  if (value === undefined) return 0;
  return typeof value === "number" ? value : Number(value);
};

/** A value as a vector file would hold it. */
const encode = (value: unknown): unknown => {
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, encode(inner)]));
};

/** Exact equality; −0 counts as 0, and an absent field as 0, false, "" or []. */
const same = (want: unknown, got: unknown): boolean => {
  if (want === undefined || got === undefined) return want === got || isZero(want ?? got);
  if (typeof want !== "object" || typeof got !== "object" || want === null || got === null)
    return want === got;
  const wanted = want as Record<string, unknown>;
  const gotten = got as Record<string, unknown>;
  if (Array.isArray(want) !== Array.isArray(got)) return false;
  if (Array.isArray(want) && want.length !== (got as unknown[]).length) return false;
  const keys = new Set([...Object.keys(wanted), ...Object.keys(gotten)]);
  return [...keys].every((key) => same(wanted[key], gotten[key]));
};

const isZero = (value: unknown): boolean =>
  value === 0 || value === false || value === "" || (Array.isArray(value) && value.length === 0);
