import * as z from "zod/mini";

/** Every value of the chart: what `helm install` checks the user's values by (charts/pilotlight/values.schema.json). */

const port = z.int().check(z.minimum(1024), z.maximum(65_535));
const count = z.int().check(z.minimum(1), z.maximum(1000));
/** A map whose keys are Kubernetes's or the user's. */
const open = z.looseObject({});
const logLevel = z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]);
const quantity = z.string().check(z.regex(/^\d+(\.\d+)?(m|[KMGTPE]i?)?$/));
const resourceList = z.record(z.string(), z.union([quantity, z.number().check(z.minimum(0))]));
const resources = z.strictObject({
  requests: z.optional(resourceList),
  limits: z.optional(resourceList),
  claims: z.optional(z.array(open)),
});

/** What every part has that runs as pods. */
const pods = {
  adminPort: port.check(z.describe("port of /metrics, /healthz and /readyz")),
  logLevel,
  resources,
  env: z.array(open).check(z.describe("more settings, as a container's env")),
  podAnnotations: open,
  nodeSelector: open,
  tolerations: z.array(open),
  affinity: open,
  priorityClassName: z.string(),
};

const activator = z.strictObject({
  replicas: count,
  autoscaling: z.strictObject({
    enabled: z.boolean(),
    maxReplicas: count,
    averageCpu: quantity.check(z.describe("of one core, since an activator is one thread")),
  }),
  frontPort: port,
  drainSeconds: z.int().check(z.minimum(0), z.maximum(3600)),
  finishSeconds: z.int().check(z.minimum(0), z.maximum(86_400)),
  ...pods,
});

const autoscaler = z.strictObject({ replicas: count, statPort: port, ...pods });

const webhook = z.strictObject({
  enabled: z.boolean(),
  replicas: count,
  port,
  hostNetwork: z.boolean(),
  certManager: z.strictObject({ enabled: z.boolean(), issuerRef: open }),
  ...pods,
});

const { adminPort, nodeSelector, tolerations, priorityClassName } = pods;
const nodeAgent = z.strictObject({
  enabled: z.boolean(),
  socket: z.string().check(z.startsWith("/")),
  runAsUser: z.int().check(z.minimum(0)),
  runAsGroup: z.int().check(z.minimum(0)),
  port,
  adminPort,
  logLevel,
  resources,
  nodeSelector,
  tolerations,
  priorityClassName,
});

export const chartValues = z.strictObject({
  image: z.strictObject({
    repository: z.string().check(z.minLength(1)),
    tag: z.string(),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
    pullSecrets: z.array(open),
  }),
  strictKnative: z.boolean(),
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  extraScaleTargets: z.array(
    z.strictObject({ apiGroup: z.string(), resource: z.string().check(z.regex(/^[a-z][a-z0-9]*$/)) }),
  ),
  activator,
  autoscaler,
  restoreOnUninstall: z.strictObject({
    enabled: z.boolean(),
    timeoutSeconds: z.int().check(z.minimum(10), z.maximum(3600)),
  }),
  networkPolicy: z.strictObject({ enabled: z.boolean() }),
  serviceMonitor: z.strictObject({ enabled: z.boolean(), interval: z.string(), labels: open }),
  dashboards: z.strictObject({ enabled: z.boolean(), labels: open, annotations: open }),
  webhook,
  nodeAgent,
  // Helm's own, for a chart that is part of another one.
  global: z.optional(open),
});

/** The schema that Helm checks values by. Charts may give some values only, so nothing is required. */
export const valuesSchema = (): string => {
  const schema = z.toJSONSchema(chartValues, { target: "draft-7", io: "input" });
  return `${JSON.stringify(withoutRequired(schema), undefined, 2)}\n`;
};

const withoutRequired = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutRequired);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(
    ([key, inner]) => !(key === "required" && Array.isArray(inner)),
  );
  return Object.fromEntries(entries.map(([key, inner]) => [key, withoutRequired(inner)]));
};
