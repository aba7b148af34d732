import { type FieldError, mergeFieldErrors, underField } from "#core/annotations/field-error.ts";
import { GROUP } from "#core/annotations/keys.ts";
import { OWN_GROUP } from "#core/annotations/own.ts";
import { type AutoscalerConfig, defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import { type Rules, rulesFor } from "#core/divergences.ts";
import {
  type ConfigMap,
  configMapSchema,
  headOf,
  readObject,
  type Service,
  serviceSchema,
} from "#core/manifest/objects.ts";
import type { FieldPath, FieldProblem } from "#core/manifest/problem.ts";
import { CONFIG_NAME, configProblem } from "./admit/config-map.ts";
import { viewService } from "./admit/service-view.ts";
import { ANNOTATIONS_PATH, annotationProblems } from "./admit/validate.ts";
import { serviceWarnings } from "./admit/warnings.ts";
import { behindService } from "./admit/workload.ts";
import type { Workloads } from "./ports.ts";

/** What admission would say about objects that are not written to a cluster yet. */

/** One thing to know about one object. */
export interface Finding {
  /** An error is what the webhook would refuse, or the cluster itself; a warning it would only tell. */
  readonly severity: "error" | "warning";
  /** Which check it is from. */
  readonly rule: "object" | "annotations" | "config-autoscaler" | "surprise" | "two-scalers";
  /** Kind and name as a user would say them: `Service default/hello`. */
  readonly object: string;
  readonly path: FieldPath;
  readonly message: string;
}

export interface CheckOptions {
  /** Check exactly as Knative does, its accidents included. */
  readonly strictKnative: boolean;
  /** Who scales what, as the same objects tell. */
  readonly workloads: Workloads;
}

/**
 * Checks each of `objects` (parsed manifests) by the rules of the admission webhook, under the
 * `config-autoscaler` among them, else the defaults. The answer has the findings of each object, in order.
 */
export const checkObjects = (objects: readonly unknown[], options: CheckOptions): Finding[][] => {
  const rules = rulesFor(options.strictKnative);
  const config = configAmong(objects, rules);
  return objects.map((value) => {
    const head = headOf(value);
    if (head?.apiVersion !== "v1") return [];
    if (head.kind === "ConfigMap") return checkConfigMap(value, head.object, rules);
    return head.kind === "Service" ? checkService(value, head.object, { config, rules, ...options }) : [];
  });
};

const configAmong = (objects: readonly unknown[], rules: Rules): AutoscalerConfig => {
  for (const value of objects) {
    if (headOf(value)?.kind !== "ConfigMap") continue;
    const read = configMapSchema.safeParse(value);
    if (!read.success || read.data.metadata.name !== CONFIG_NAME) continue;
    const result = parseAutoscalerConfig(read.data.data, rules);
    if (result.ok) return result.config;
  }
  return defaultConfig;
};

const checkConfigMap = (value: unknown, object: string, rules: Rules): Finding[] => {
  if ((value as ConfigMap).metadata?.name !== CONFIG_NAME) return [];
  const read = readObject(configMapSchema, value, object);
  if (!read.ok) return read.problems.map(unreadable);
  const { data, metadata } = read.value;
  const message = configProblem(data, metadata.annotations, rules);
  if (message === undefined) return [];
  // Knative's texts name the key that they are about.
  const key = Object.keys(data).find((name) => message.includes(name));
  const path = key === undefined ? ["data"] : ["data", key];
  return [{ severity: "error", rule: "config-autoscaler", object, path, message }];
};

interface Around extends CheckOptions {
  readonly config: AutoscalerConfig;
  readonly rules: Rules;
}

const checkService = (value: unknown, object: string, around: Around): Finding[] => {
  if (!asksForUs(value)) return [];
  const read = readObject(serviceSchema, value, object);
  if (!read.ok) return read.problems.map(unreadable);
  return [...annotationFindings(read.value, object, around), ...surprises(read.value, object, around)];
};

/** As the chart's `matchConditions` ask. */
const asksForUs = (value: unknown): boolean => {
  const { annotations } = (value as Partial<Service>).metadata ?? {};
  const keys = typeof annotations === "object" && annotations !== null ? Object.keys(annotations) : [];
  return keys.some((key) => key.startsWith(`${GROUP}/`) || key.startsWith(`${OWN_GROUP}/`));
};

const annotationFindings = ({ metadata }: Service, object: string, { config, rules }: Around): Finding[] => {
  const { annotations } = metadata;
  const place = ({ paths }: FieldError): FieldPath => {
    // Some of Knative's paths go on with a sentence after the key.
    const key = Object.keys(annotations).find((name) => paths.some((path) => path.startsWith(name)));
    return key === undefined ? ["metadata"] : ["metadata", "annotations", key];
  };
  return mergeFieldErrors(annotationProblems(annotations, config, rules)).map((error) => ({
    severity: "error",
    rule: "annotations",
    object,
    path: place(error),
    message: textOf(error),
  }));
};

const textOf = (error: FieldError): string => {
  const [{ message, paths, details }] = underField(ANNOTATIONS_PATH, [error]) as [FieldError];
  return [`${message}: ${paths.join(", ")}`, ...(details === undefined ? [] : [details])].join("\n");
};

const surprises = (service: Service, object: string, { config, workloads }: Around): Finding[] => {
  const view = viewService(service, service.spec, config);
  const { warnings: others, ...known } = behindService(workloads, service.metadata, view);
  const finding = { severity: "warning", object } as const;
  return [
    ...serviceWarnings(view, config, known).map(({ path, message }) => ({
      ...finding,
      rule: "surprise" as const,
      path,
      message,
    })),
    ...others.map((message) => ({
      ...finding,
      rule: "two-scalers" as const,
      path: ["metadata", "name"],
      message,
    })),
  ];
};

const unreadable = ({ object, path, message, remedy }: FieldProblem): Finding => ({
  severity: "error",
  rule: "object",
  object,
  path,
  message: `${message}; ${remedy}`,
});
