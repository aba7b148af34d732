import { formatFieldErrors, mergeFieldErrors } from "#core/annotations/field-error.ts";
import { resolveSettings, withDefaults } from "#core/annotations/settings.ts";
import { misplacedAnnotations, validateAnnotations } from "#core/annotations/validate.ts";
import { defaultConfig, parseAutoscalerConfig, type AutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Rules } from "#core/divergences.ts";
import { deciderSpec } from "../../../autoscaler/decide/decider-spec.ts";
import { readyThreshold } from "../../../autoscaler/scale/scale-bounds.ts";
import { metricSpec } from "../../../autoscaler/subject.ts";
import { writeSpec } from "../decider-spec.ts";
import { Checks, type Replay } from "../family.ts";

export const replay: Replay = (test, rules) => {
  const checks = new Checks();
  const annotations = test.annotations as Record<string, string>;
  const config = readConfig(test.config as Record<string, string>, rules);
  const errors = validateAnnotations(annotations, config, rules);
  checks.check("error", test.error, errors.length === 0 ? null : formatFieldErrors(errors));
  checks.check("errors", test.errors, errors.length === 0 ? null : mergeFieldErrors(errors));
  const misplaced = misplacedAnnotations(annotations);
  checks.check(
    "serviceLevelError",
    test.serviceLevelError,
    misplaced.length === 0 ? null : formatFieldErrors(misplaced),
  );
  const pod = {
    containerConcurrency: test.containerConcurrency as number,
    reachable: test.reachability !== "Unreachable",
  };
  checks.check("resolved", test.resolved, resolved(annotations, config, { pod, rules }));
  return checks.differences;
};

const readConfig = (data: Record<string, string>, rules: Rules): AutoscalerConfig => {
  const result = parseAutoscalerConfig(data, rules);
  return result.ok ? result.config : defaultConfig;
};

interface Context {
  readonly pod: { readonly containerConcurrency: number; readonly reachable: boolean };
  readonly rules: Rules;
}

const resolved = (annotations: Record<string, string>, config: AutoscalerConfig, { pod, rules }: Context) => {
  const settings = resolveSettings(annotations, config, { reachable: pod.reachable, rules });
  const defaulted = resolveSettings(withDefaults(annotations, config), config, {
    reachable: pod.reachable,
    rules,
  });
  const read = settings.annotations;
  const spec = deciderSpec(settings, config, pod.containerConcurrency);
  const metric = metricSpec(settings);
  return {
    class: settings.class,
    metric: settings.metric,
    defaultedClass: defaulted.class,
    defaultedMetric: defaulted.metric,
    target: read.target ?? null,
    targetUtilization: read.targetUtilization ?? null,
    targetBurstCapacity: read.targetBurstCapacity ?? null,
    window: read.window ?? null,
    panicWindowPercentage: read.panicWindowPercentage ?? null,
    panicThresholdPercentage: read.panicThresholdPercentage ?? null,
    scaleDownDelay: read.scaleDownDelay ?? null,
    scaleToZeroPodRetention: read.podRetention ?? null,
    initialScale: read.initialScale ?? null,
    activationScale: read.activationScale ?? null,
    minScale: settings.bounds.min,
    maxScale: settings.bounds.max,
    effectiveInitialScale: settings.initialScale,
    resolvedTarget: spec.targetValue,
    resolvedTotal: spec.totalValue,
    stableWindow: metric.stableWindow,
    panicWindow: metric.panicWindow,
    aggregationAlgorithm: metric.algorithm,
    lastPodRetention: settings.podRetention,
    activeThresholdFresh: readyThreshold(settings, false),
    activeThresholdLater: readyThreshold(settings, true),
    // Knative asks the pods unless the activator never leaves the path; Pilotlight's never does, so it asks none.
    scraped: settings.targetBurstCapacity !== -1,
    deciderSpec: writeSpec(spec),
  };
};
