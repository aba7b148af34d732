/** The parts of Kubernetes objects that we read, as schemas. */
import { z } from "zod";
import { accepted, refused, type Draft } from "./problem.ts";

/**
 * The parts of Kubernetes objects that we read. Fields that are not named here are dropped; a field of the
 * wrong type is a problem, as it is for the API server.
 */
const strings = z.record(z.string(), z.string());

const metadata = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1).default("default"),
  labels: strings.default({}),
  annotations: strings.default({}),
});

const port = z.int().min(1).max(65_535);
const portOrName = z.union([port, z.string().min(1)]);

const servicePort = z.object({
  name: z.string().default(""),
  port,
  targetPort: portOrName.optional(),
  protocol: z.enum(["TCP", "UDP", "SCTP"]).default("TCP"),
  appProtocol: z.string().optional(),
});

export const serviceSchema = z.object({
  metadata,
  spec: z.object({
    type: z.enum(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]).default("ClusterIP"),
    clusterIP: z.string().optional(),
    publishNotReadyAddresses: z.boolean().default(false),
    selector: strings.default({}),
    ports: z.array(servicePort).default([]),
  }),
});

const probe = z.object({
  httpGet: z
    .object({
      port: portOrName,
      path: z.string().default("/"),
      scheme: z.enum(["HTTP", "HTTPS"]).default("HTTP"),
      host: z.string().optional(),
      httpHeaders: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
    })
    .optional(),
  tcpSocket: z.object({ port: portOrName, host: z.string().optional() }).optional(),
  exec: z.unknown().optional(),
  grpc: z.unknown().optional(),
  initialDelaySeconds: z.int().min(0).default(0),
  timeoutSeconds: z.int().min(1).default(1),
  periodSeconds: z.int().min(1).default(10),
  failureThreshold: z.int().min(1).default(3),
});

const container = z.object({
  name: z.string().min(1),
  command: z.array(z.string()).default([]),
  args: z.array(z.string()).default([]),
  workingDir: z.string().optional(),
  env: z
    .array(
      z.object({ name: z.string().min(1), value: z.string().default(""), valueFrom: z.unknown().optional() }),
    )
    .default([]),
  envFrom: z.array(z.unknown()).default([]),
  ports: z
    .array(
      z.object({ name: z.string().optional(), containerPort: port, protocol: z.string().default("TCP") }),
    )
    .default([]),
  readinessProbe: probe.optional(),
  startupProbe: probe.optional(),
});

const podSpec = z.object({
  containers: z.array(container).min(1),
  initContainers: z.array(z.object({ name: z.string() })).default([]),
  terminationGracePeriodSeconds: z.int().min(0).default(30),
});

export const podTemplateSchema = z.object({
  metadata: z.object({ labels: strings.default({}) }).default({ labels: {} }),
  spec: podSpec,
});

export const deploymentSchema = z.object({
  metadata,
  spec: z.object({
    replicas: z.int().min(0).default(1),
    selector: z.object({ matchLabels: strings.default({}) }),
    template: podTemplateSchema,
  }),
});

export const configMapSchema = z.object({ metadata, data: strings.default({}) });

export type Service = z.output<typeof serviceSchema>;
export type ServicePort = Service["spec"]["ports"][number];
export type PodTemplate = z.output<typeof podTemplateSchema>;
export type Container = PodTemplate["spec"]["containers"][number];
export type Probe = NonNullable<Container["readinessProbe"]>;
export type Deployment = z.output<typeof deploymentSchema>;
export type ConfigMap = z.output<typeof configMapSchema>;

/** What can be said of any object before its kind is known; `undefined` when it is no Kubernetes object. */
export const headOf = (value: unknown): { kind: string; apiVersion: string; object: string } | undefined => {
  const head = z.object({ kind: z.string(), apiVersion: z.string() }).safeParse(value);
  if (!head.success) return undefined;
  const { name, namespace } = ((value as { metadata?: unknown }).metadata ?? {}) as Record<string, unknown>;
  const id = `${typeof namespace === "string" ? namespace : "default"}/${typeof name === "string" ? name : "?"}`;
  return { ...head.data, object: `${head.data.kind} ${id}` };
};

/** Reads an object by the schema of its kind. `object` names it in the problems. */
export const readObject = <T extends z.ZodType>(
  schema: T,
  value: unknown,
  object: string,
): Draft<z.output<T>> => {
  const result = schema.safeParse(value);
  if (result.success) return accepted(result.data);
  return refused(
    result.error.issues.map((issue) => ({
      object,
      path: issue.path.map((key) => (typeof key === "symbol" ? String(key) : key)),
      message: lowerFirst(issue.message),
      remedy: remedyFor(issue),
    })),
  );
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const remedyFor = (issue: z.core.$ZodIssue): string => {
  if (issue.code !== "invalid_type") return "write a value that Kubernetes allows here";
  return issue.expected === "string"
    ? "write a text; numbers and true/false must be in quotes here"
    : `write ${/^[aeiou]/.test(issue.expected) ? "an" : "a"} ${issue.expected}`;
};
