import { z } from "zod";

/** Every value of the chart: what `helm install` checks the user's values by (charts/pilotlight/values.schema.json). */

const port = z.int().min(1024).max(65_535);
const count = z.int().min(1).max(1000);
/** A map whose keys are Kubernetes's or the user's. */
const open = z.looseObject({});
const logLevel = z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]);
const quantity = z.string().regex(/^\d+(\.\d+)?(m|[KMGTPE]i?)?$/);
const resourceList = z.record(z.string(), z.union([quantity, z.number().min(0)]));
const resources = z.strictObject({
  requests: resourceList.optional(),
  limits: resourceList.optional(),
  claims: z.array(open).optional(),
});

/** What every part has that runs as pods. */
const pods = {
  adminPort: port.describe("port of /metrics, /healthz and /readyz"),
  logLevel,
  resources,
  env: z.array(open).describe("more settings, as a container's env"),
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
    averageCpu: quantity.describe("of one core, since an activator is one thread"),
  }),
  frontPort: port,
  drainSeconds: z.int().min(0).max(3600),
  finishSeconds: z.int().min(0).max(86_400),
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
  socket: z.string().startsWith("/"),
  runAsUser: z.int().min(0),
  runAsGroup: z.int().min(0),
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
    repository: z.string().min(1),
    tag: z.string(),
    pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]),
    pullSecrets: z.array(open),
  }),
  strictKnative: z.boolean(),
  config: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  extraScaleTargets: z.array(
    z.strictObject({ apiGroup: z.string(), resource: z.string().regex(/^[a-z][a-z0-9]*$/) }),
  ),
  activator,
  autoscaler,
  restoreOnUninstall: z.strictObject({ enabled: z.boolean(), timeoutSeconds: z.int().min(10).max(3600) }),
  networkPolicy: z.strictObject({ enabled: z.boolean() }),
  serviceMonitor: z.strictObject({ enabled: z.boolean(), interval: z.string(), labels: open }),
  dashboards: z.strictObject({ enabled: z.boolean(), labels: open, annotations: open }),
  webhook,
  nodeAgent,
  // Helm's own, for a chart that is part of another one.
  global: open.optional(),
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
