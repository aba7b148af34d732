/** The parts of Kubernetes objects that we read, as schemas. */
import * as z from "zod/mini";
import "#core/english.ts";
import { accepted, refused, type Draft } from "./problem.ts";

/**
 * The parts of Kubernetes objects that we read. Fields that are not named here are dropped; a field of the
 * wrong type is a problem, as it is for the API server.
 */
const strings = z.record(z.string(), z.string());

const metadata = z.object({
  name: z.string().check(z.minLength(1)),
  namespace: z._default(z.string().check(z.minLength(1)), "default"),
  labels: z._default(strings, {}),
  annotations: z._default(strings, {}),
});

const port = z.int().check(z.minimum(1), z.maximum(65_535));
const portOrName = z.union([port, z.string().check(z.minLength(1))]);

const servicePort = z.object({
  name: z._default(z.string(), ""),
  port,
  targetPort: z.optional(portOrName),
  protocol: z._default(z.enum(["TCP", "UDP", "SCTP"]), "TCP"),
  appProtocol: z.optional(z.string()),
});

export const serviceSchema = z.object({
  metadata,
  spec: z.object({
    type: z._default(z.enum(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]), "ClusterIP"),
    clusterIP: z.optional(z.string()),
    publishNotReadyAddresses: z._default(z.boolean(), false),
    selector: z._default(strings, {}),
    ports: z._default(z.array(servicePort), []),
  }),
});

const probe = z.object({
  httpGet: z.optional(
    z.object({
      port: portOrName,
      path: z._default(z.string(), "/"),
      scheme: z._default(z.enum(["HTTP", "HTTPS"]), "HTTP"),
      host: z.optional(z.string()),
      httpHeaders: z._default(z.array(z.object({ name: z.string(), value: z.string() })), []),
    }),
  ),
  tcpSocket: z.optional(z.object({ port: portOrName, host: z.optional(z.string()) })),
  exec: z.optional(z.unknown()),
  grpc: z.optional(z.unknown()),
  initialDelaySeconds: z._default(z.int().check(z.minimum(0)), 0),
  timeoutSeconds: z._default(z.int().check(z.minimum(1)), 1),
  periodSeconds: z._default(z.int().check(z.minimum(1)), 10),
  failureThreshold: z._default(z.int().check(z.minimum(1)), 3),
});

const container = z.object({
  name: z.string().check(z.minLength(1)),
  command: z._default(z.array(z.string()), []),
  args: z._default(z.array(z.string()), []),
  workingDir: z.optional(z.string()),
  env: z._default(
    z.array(
      z.object({
        name: z.string().check(z.minLength(1)),
        value: z._default(z.string(), ""),
        valueFrom: z.optional(z.unknown()),
      }),
    ),
    [],
  ),
  envFrom: z._default(z.array(z.unknown()), []),
  ports: z._default(
    z.array(
      z.object({
        name: z.optional(z.string()),
        containerPort: port,
        protocol: z._default(z.string(), "TCP"),
      }),
    ),
    [],
  ),
  readinessProbe: z.optional(probe),
  startupProbe: z.optional(probe),
});

const podSpec = z.object({
  containers: z.array(container).check(z.minLength(1)),
  initContainers: z._default(z.array(z.object({ name: z.string() })), []),
  terminationGracePeriodSeconds: z._default(z.int().check(z.minimum(0)), 30),
});

export const podTemplateSchema = z.object({
  metadata: z._default(z.object({ labels: z._default(strings, {}) }), { labels: {} }),
  spec: podSpec,
});

export const deploymentSchema = z.object({
  metadata,
  spec: z.object({
    replicas: z._default(z.int().check(z.minimum(0)), 1),
    selector: z.object({ matchLabels: z._default(strings, {}) }),
    template: podTemplateSchema,
  }),
});

export const configMapSchema = z.object({ metadata, data: z._default(strings, {}) });

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
export const readObject = <T extends z.ZodMiniType>(
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
