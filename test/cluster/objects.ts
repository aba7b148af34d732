import type { KubeObject } from "./cluster.ts";

/** How the hello server of images/ is to run. */
interface HelloOptions {
  readonly replicas?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly kind?: "Deployment" | "StatefulSet";
  /** Merged over the container. */
  readonly container?: KubeObject;
}

const HELLO_IMAGE = "docker.io/pilotlight-test/hello:1";

const PATIENT = { periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 10 };

/** A workload of hello servers with the label `app: NAME`. */
export const helloDeployment = (name: string, options: HelloOptions = {}): KubeObject => {
  const labels = { app: name };
  const env = Object.entries(options.env ?? {}).map(([key, value]) => ({ name: key, value }));
  const container = {
    name: "hello",
    image: HELLO_IMAGE,
    imagePullPolicy: "IfNotPresent",
    env,
    ports: [{ containerPort: 8080 }],
    // A busy machine makes kubelet's probe wait, and a Service whose pods are all not ready refuses everybody.
    readinessProbe: { httpGet: { path: "/healthz", port: 8080 }, ...PATIENT },
    ...options.container,
  };
  const kind = options.kind ?? "Deployment";
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name },
    spec: {
      replicas: options.replicas ?? 0,
      ...(kind === "StatefulSet" ? { serviceName: name } : {}),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { terminationGracePeriodSeconds: 5, containers: [container] } },
    },
  };
};

/** The Service in front of it: port 80 to the container's 8080. */
export const helloService = (name: string, options: Pick<HelloOptions, "annotations"> = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name, annotations: { ...options.annotations } },
  spec: { selector: { app: name }, ports: [{ name: "http", port: 80, targetPort: 8080 }] },
});
