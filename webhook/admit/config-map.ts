/** Refuses a `config-autoscaler` that could not be used. */
import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import { parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Rules } from "#core/divergences.ts";
import { allowed, decodeObject, denied, type ReviewRequest, type Verdict } from "../review.ts";
import { EXAMPLE_CHECKSUM, exampleProblem } from "./example-checksum.ts";

/** The one ConfigMap that is checked (`knative.md` 2.1); others pass. */
export const CONFIG_NAME = "config-autoscaler";

const schema = z.looseObject({ data: z.nullish(z.record(z.string(), z.string())) });

type Strings = Readonly<Record<string, string>>;

/** What is wrong with the data of `config-autoscaler`, in Knative's words: the example first, then the settings. */
export const configProblem = (data: Strings, annotations: Strings, rules: Rules): string | undefined => {
  const example = exampleProblem(data, annotations);
  if (example !== undefined) return example;
  const result = parseAutoscalerConfig(data, rules);
  return result.ok ? undefined : result.error;
};

/** Refuses a `config-autoscaler` that the autoscaler could not use. */
export const validateConfigMap =
  (rules: Rules) =>
  (request: ReviewRequest): Verdict => {
    const { object, oldObject } = request;
    if (request.name !== CONFIG_NAME || object === undefined) return allowed();
    if (typeof object.metadata?.deletionTimestamp === "string") return allowed();
    const data = decodeObject(schema, object, "new object")?.data ?? {};
    const before = decodeObject(schema, oldObject, "old object")?.data;
    const annotations = object.metadata?.annotations ?? {};
    const problem = configProblem(data, annotations, rules);
    if (problem === undefined) return allowed();
    const checksumBefore = oldObject?.metadata?.annotations?.[EXAMPLE_CHECKSUM];
    // An update that changes no setting makes nothing worse, and may be what mends the rest of the object.
    const unchanged = isDeepStrictEqual(before, data) && checksumBefore === annotations[EXAMPLE_CHECKSUM];
    return unchanged ? allowed([problem]) : denied(`validation failed: ${problem}`);
  };
