import { parseAutoscalerConfig, type AutoscalerConfig } from "#core/autoscaler-config.ts";
import { Checks, type Replay } from "../family.ts";

export const replay: Replay = (test, rules) => {
  const checks = new Checks();
  const result = parseAutoscalerConfig(test.data as Record<string, string>, rules);
  checks.check("error", test.error, result.ok ? null : result.error);
  checks.check("config", test.config, result.ok ? knativeNames(result.config) : null);
  return checks.differences;
};

/** `stableWindow` → `StableWindow`. */
const knativeNames = (config: AutoscalerConfig): Record<string, unknown> => {
  const { rpsTargetDefault, ...rest } = config;
  const entries = Object.entries(rest).map(([key, value]) => [key[0]!.toUpperCase() + key.slice(1), value]);
  return { ...Object.fromEntries(entries), RPSTargetDefault: rpsTargetDefault };
};
