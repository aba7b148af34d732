import type { KubeObject, TestCluster } from "./cluster.ts";

/** A request that a pod of the cluster is to send. */
interface ClientRequest {
  readonly url: string;
  readonly method?: string;
  /** `Host` among them sets the request's host. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Its answer; without `status` there was none, and `error` says why. */
interface ClientAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds until its last byte. */
  readonly ms: number;
  readonly error?: string;
}

/** What came of a load. */
export interface LoadSummary {
  readonly sent: number;
  readonly ok: number;
  readonly failures: readonly { readonly at: string; readonly ms: number; readonly what: string }[];
  /** How often each body was answered. */
  readonly bodies: Readonly<Record<string, number>>;
  readonly maxMs: number;
}

/** A load that runs until it is asked what came of it. */
interface Load {
  stop(): Promise<LoadSummary>;
}

/** A pod that sends requests from where users' requests come from. */
export interface Client {
  fetch(request: ClientRequest): Promise<ClientAnswer>;
  /** Sends `rate` requests a second, each at its time whatever became of the ones before. */
  load(request: ClientRequest, rate: number): Promise<Load>;
}

const POD = { name: "client", port: 8080 } as const;

/** Starts a client pod in `namespace` and returns when it takes orders. */
export const startClient = async (cluster: TestCluster, namespace: string): Promise<Client> => {
  await cluster.apply([clientPod], namespace);
  await cluster.kubectl("wait", "-n", namespace, "--for=condition=Ready", "pod/client", "--timeout=60s");
  const pod = { ...POD, namespace };
  return {
    fetch: (request) => cluster.post(pod, "/get", request),
    load: async (request, rate) => {
      const { load } = await cluster.post<{ load: number }>(pod, "/load", { ...request, rate });
      return { stop: () => cluster.post(pod, "/stop", { load }) };
    },
  };
};

const clientPod: KubeObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: POD.name },
  spec: {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name: "client",
        image: "docker.io/pilotlight-test/client:1",
        imagePullPolicy: "IfNotPresent",
        readinessProbe: { tcpSocket: { port: POD.port }, periodSeconds: 1 },
      },
    ],
  },
};
