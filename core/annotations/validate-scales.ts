import type { AutoscalerConfig } from "../autoscaler-config.ts";
import { parseGoInt32 } from "../go-number.ts";
import { invalidValue, outOfBounds, type FieldError } from "./field-error.ts";
import { find, keys, type Annotations, type Keys } from "./keys.ts";

/** min-scale, max-scale and activation-scale against each other and the config's limit (`knative.md` 1.3, 2 and 3). */
export const validateScales = (annotations: Annotations, config: AutoscalerConfig): FieldError[] => {
  const min = readScale(annotations, keys.minScale);
  const max = readScale(annotations, keys.maxScale);
  const errors = [...min.errors, ...max.errors];
  if (max.value !== 0 && max.value < min.value) {
    errors.push({
      message: `max-scale=${max.value} is less than min-scale=${min.value}`,
      paths: [keys.maxScale[0], keys.minScale[0]],
    });
  }
  return [
    ...errors,
    ...validateLimit(annotations, max.value, config.maxScaleLimit),
    ...validateActivation(annotations, min.value, max.value),
  ];
};

/** A scale that cannot be read counts as 0 in the comparisons that follow, as in Knative. */
const readScale = (annotations: Annotations, key: Keys): { value: number; errors: FieldError[] } => {
  const found = find(annotations, key);
  if (found === undefined) return { value: 0, errors: [] };
  const result = parseGoInt32(found.value);
  if (result.ok && result.value >= 0) return { value: result.value, errors: [] };
  const range = result.ok || result.kind === "range";
  return {
    value: 0,
    errors: [
      range ? outOfBounds(found.value, ["0", "2147483647"], found.key) : invalidValue(found.value, found.key),
    ],
  };
};

const validateLimit = (annotations: Annotations, max: number, limit: number): FieldError[] => {
  const found = find(annotations, keys.maxScale);
  if (found === undefined || limit <= 0) return [];
  if (max > limit) return [outOfBounds(String(max), ["1", String(limit)], found.key)];
  if (max !== 0) return [];
  return [{ message: `max-scale=0 (unlimited), must be less than ${limit}`, paths: [found.key] }];
};

/** Only the first broken rule is told. */
const validateActivation = (annotations: Annotations, min: number, max: number): FieldError[] => {
  const found = find(annotations, keys.activationScale);
  if (found === undefined) return [];
  const result = parseGoInt32(found.value);
  if (!result.ok) return [invalidValue(found.value, found.key)];
  const scale = result.value;
  const paths = [found.key];
  if (min > scale) return [{ message: `min-scale=${min} is greater than activation-scale=${scale}`, paths }];
  if (max !== 0 && max < scale) {
    return [{ message: `max-scale=${max} is less than activation-scale=${scale}`, paths }];
  }
  return scale < 2 ? [{ message: `activation-scale=${scale} must be greater than 1`, paths }] : [];
};
