import { existsSync } from "node:fs";
import {
  divergences,
  knativeRules,
  pilotlightRules,
  type DivergenceName,
  type Rules,
} from "#core/divergences.ts";
import type { Case, Difference, Replay } from "./family.ts";
import { familiesIn, readCases } from "./vectors.ts";

interface Failure {
  readonly test: Case;
  readonly differences: readonly Difference[];
}

export interface FamilyResult {
  readonly family: string;
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** Cases that differ from Knative on purpose, by the divergence that makes them differ. */
  readonly excepted: ReadonlyMap<string, number>;
}

/** Replays every family found in `dir`. Throws on a family that nobody knows how to replay. */
export const runAll = async (dir: string, strictKnative: boolean): Promise<readonly FamilyResult[]> => {
  const results: FamilyResult[] = [];
  for (const family of await familiesIn(dir)) {
    const file = new URL(`./families/${family}.ts`, import.meta.url);
    if (!existsSync(file)) throw new Error(`unknown family: ${family}`);
    const { replay } = (await import(file.href)) as { readonly replay: Replay };
    results.push(await runFamily(family, await readCases(dir, family), { replay, strictKnative }));
  }
  if (results.length === 0) throw new Error(`no vectors in ${dir}`);
  return results;
};

const runFamily = async (
  family: string,
  cases: readonly Case[],
  { replay, strictKnative }: { readonly replay: Replay; readonly strictKnative: boolean },
): Promise<FamilyResult> => {
  const failures: Failure[] = [];
  const excepted = new Map<string, number>();
  for (const test of cases) {
    const differences = await attempt(replay, test, strictKnative ? knativeRules : pilotlightRules);
    if (differences.length === 0) continue;
    const exception = strictKnative ? undefined : await exceptionFor(replay, test);
    if (exception === undefined) failures.push({ test, differences });
    else excepted.set(exception, (excepted.get(exception) ?? 0) + 1);
  }
  const exceptions = [...excepted.values()].reduce((a, b) => a + b, 0);
  return { family, passed: cases.length - failures.length - exceptions, failures, excepted };
};

/** Code that throws has failed the case, whatever it answered before. */
const attempt: (...args: [Replay, Case, Rules]) => Promise<readonly Difference[]> = async (
  replay,
  test,
  rules,
) => {
  try {
    return await replay(test, rules);
  } catch (error) {
    return [{ at: "replay", want: "an answer", got: String((error as Error).stack) }];
  }
};

/** The divergences without which the case passes: one if one will do, else all that have to go together. */
const exceptionFor = async (replay: Replay, test: Case): Promise<string | undefined> => {
  const passes = async (rules: Rules) => (await attempt(replay, test, rules)).length === 0;
  const names = Object.keys(divergences) as DivergenceName[];
  for (const name of names) {
    if (await passes({ ...pilotlightRules, [name]: false })) return name;
  }
  if (!(await passes(knativeRules))) return undefined;
  const needed: DivergenceName[] = [];
  for (const name of names) {
    if (!(await passes({ ...knativeRules, [name]: true }))) needed.push(name);
  }
  return needed.join("+");
};
