import type { AutoscalerConfig } from "../autoscaler-config.ts";
import { pilotlightRules, type Rules } from "../divergences.ts";
import { formatDuration, isWholeSeconds, parseDuration } from "../duration.ts";
import { goQuote } from "../go-quote.ts";
import { parseGoFloat, parseGoInt } from "../go-number.ts";
import { invalidValue, outOfBounds, type FieldError } from "./field-error.ts";
import { find, GROUP, HPA, keys, KPA, type Annotations, type Keys } from "./keys.ts";
import { validateScales } from "./validate-scales.ts";

/**
 * Every rule that the `autoscaling.knative.dev/*` annotations break (`knative.md` 1.3); empty when none.
 * `formatFieldErrors` gives Knative's text. Unknown keys pass.
 */
export const validateAnnotations = (
  annotations: Annotations,
  config: AutoscalerConfig,
  rules: Rules = pilotlightRules,
): FieldError[] => [
  ...validateClass(annotations),
  ...validateScales(annotations, config),
  ...FLOATS.flatMap((check) => validateFloat(annotations, check, rules)),
  ...DURATIONS.flatMap((check) => validateDuration(annotations, check)),
  ...validateMetric(annotations, config),
  ...validateAlgorithm(annotations, config, rules),
  ...validateInitialScale(annotations, config),
];

/** Where the group is not allowed, every key of it is wrong, also one without a slash (`knative.md` 1.1). */
export const misplacedAnnotations = (annotations: Annotations): FieldError[] =>
  Object.keys(annotations)
    .filter((key) => key.startsWith(GROUP))
    .map((key) => ({
      message: `invalid key name ${goQuote(key)}`,
      paths: [""],
      details: 'autoscaling annotations must be put under "spec.template.metadata.annotations" to work',
    }));

/** Classes of other domains belong to other controllers; in our own domain only two exist. */
const validateClass = (annotations: Annotations): FieldError[] => {
  const found = find(annotations, keys.class);
  if (found === undefined || !found.value.endsWith(".knative.dev")) return [];
  return found.value === KPA || found.value === HPA ? [] : [invalidValue(found.value, found.key)];
};

interface FloatCheck {
  readonly key: Keys;
  /** The error for a value that is a number but not a good one. NaN is good wherever Knative lets it through. */
  readonly broken: (value: number, text: string, path: string) => FieldError | undefined;
}

const between =
  (low: number, high: number): FloatCheck["broken"] =>
  (value, text, path) =>
    value < low || value > high ? outOfBounds(text, [String(low), String(high)], path) : undefined;

const FLOATS: readonly FloatCheck[] = [
  { key: keys.panicWindow, broken: between(1, 100) },
  { key: keys.panicThreshold, broken: between(110, 1000) },
  {
    key: keys.target,
    broken: (value, text, path) =>
      value < 0.01 ? { message: `target ${text} should be at least 0.01`, paths: [path] } : undefined,
  },
  { key: keys.targetUtilization, broken: between(1, 100) },
  {
    key: keys.targetBurstCapacity,
    broken: (value, text, path) => (value < 0 && value !== -1 ? invalidValue(text, path) : undefined),
  },
];

const validateFloat = (annotations: Annotations, check: FloatCheck, rules: Rules): FieldError[] => {
  const found = find(annotations, check.key);
  if (found === undefined) return [];
  const result = parseGoFloat(found.value);
  if (!result.ok || (Number.isNaN(result.value) && rules["nan-refused"])) {
    return [invalidValue(found.value, found.key)];
  }
  const error = check.broken(result.value, found.value, found.key);
  return error === undefined ? [] : [error];
};

interface DurationCheck {
  readonly key: Keys;
  readonly least: bigint;
  readonly wholeSeconds: boolean;
}

const LONGEST = 3_600_000_000_000n;

const DURATIONS: readonly DurationCheck[] = [
  { key: keys.window, least: 6_000_000_000n, wholeSeconds: true },
  { key: keys.podRetention, least: 0n, wholeSeconds: false },
  { key: keys.scaleDownDelay, least: 0n, wholeSeconds: true },
];

const validateDuration = (annotations: Annotations, check: DurationCheck): FieldError[] => {
  const found = find(annotations, check.key);
  if (found === undefined) return [];
  const result = parseDuration(found.value);
  if (!result.ok) return [invalidValue(found.value, found.key)];
  if (result.nanos < check.least || result.nanos > LONGEST) {
    return [outOfBounds(found.value, [formatDuration(check.least), formatDuration(LONGEST)], found.key)];
  }
  if (!check.wholeSeconds || isWholeSeconds(result.nanos)) return [];
  return [{ message: "must be specified with at most second precision", paths: [found.key] }];
};

const classIn = (annotations: Annotations, config: AutoscalerConfig): string =>
  find(annotations, keys.class)?.value ?? config.podAutoscalerClass;

const validateMetric = (annotations: Annotations, config: AutoscalerConfig): FieldError[] => {
  const found = find(annotations, keys.metric);
  if (found === undefined) return [];
  const autoscalerClass = classIn(annotations, config);
  const good =
    autoscalerClass === KPA
      ? found.value === "concurrency" || found.value === "rps"
      : autoscalerClass !== HPA || found.value !== "";
  return good ? [] : [invalidValue(found.value, found.key)];
};

const ALGORITHMS = ["", "linear", "weighted-exponential", "weightedExponential"];

const validateAlgorithm = (
  annotations: Annotations,
  config: AutoscalerConfig,
  rules: Rules,
): FieldError[] => {
  const found = find(annotations, keys.algorithm);
  const autoscalerClass = rules["algorithm-always-checked"]
    ? classIn(annotations, config)
    : find(annotations, keys.class)?.value;
  if (found === undefined || autoscalerClass !== KPA || ALGORITHMS.includes(found.value)) return [];
  return [invalidValue(found.value, found.key)];
};

/** Two of these errors put prose into the path, as Knative does. Checked as 64 bits, though read as 32. */
const validateInitialScale = (annotations: Annotations, config: AutoscalerConfig): FieldError[] => {
  const found = find(annotations, keys.initialScale);
  if (found === undefined) return [];
  const result = parseGoInt(found.value, 64);
  if (!result.ok) return [invalidValue(found.value, found.key)];
  if (result.value < 0n) return [invalidValue(found.value, `${found.key} must be greater than 0`)];
  if (result.value > 0n || config.allowZeroInitialScale) return [];
  return [invalidValue(found.value, `${found.key}=0 not allowed by cluster`)];
};
