import { defaultConfig } from "#core/autoscaler-config.ts";
import { systemClock } from "#core/clock.ts";
import { createKubeClient } from "#core/kube/client.ts";
import { EventRecorder } from "#core/kube/event-recorder.ts";
import { kubeconfigAccess } from "#core/kube/kubeconfig.ts";
import { servedBy } from "#core/kube/revisions.ts";
import { KubeWorld } from "#core/kube/world.ts";
import { startAll, stopAll } from "#core/lifecycle.ts";
import { silentLogger } from "#core/log.ts";
import { RouteController } from "../../../autoscaler/route/route-controller.ts";
import { createNews } from "../../../autoscaler/route/news.ts";
import { readOthers } from "#core/kube/others.ts";
import { performWrite } from "#core/kube/write.ts";
import { describePorts } from "../../contract/ports.ts";
import type { Behaviour, ContractWorld, DeployOptions } from "../../contract/world.ts";
import { PATIENCE, useCluster, type KubeObject } from "../cluster.ts";
import { until } from "../setup/exec.ts";

/** The adapters on a real API server, with the routing that makes private Services, and no process of ours. */
const cluster = useCluster();
const NAMESPACE = "default";
const IMAGE = "docker.io/pilotlight/pilotlight:0.1.0";

const programs: Record<Behaviour, string> = {
  works: `for (const port of [8080, 9090]) {
    require("node:http").createServer((_, response) => response.end("ok")).listen(port);
  }
  process.on("SIGTERM", () => process.exit(0));`,
  crashes: `console.error("no such table"); process.exit(3);`,
};

const objects = (name: string, { annotations }: DeployOptions): KubeObject[] => [
  {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, annotations },
    spec: {
      selector: { app: name },
      ports: [
        { name: "http", port: 80, targetPort: 8080 },
        { name: "metrics", port: 9090 },
      ],
    },
  },
];

const workload = (name: string, behaviour: Behaviour): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels: { app: name } },
      spec: {
        terminationGracePeriodSeconds: 1,
        automountServiceAccountToken: false,
        containers: [
          {
            name: "app",
            image: IMAGE,
            imagePullPolicy: "IfNotPresent",
            command: ["/usr/bin/node", "-e", programs[behaviour]],
            ports: [{ containerPort: 8080 }, { containerPort: 9090 }],
            readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
          },
        ],
      },
    },
  },
});

const openWorld = async () => {
  const clock = systemClock;
  const log = silentLogger;
  const access = await kubeconfigAccess(cluster().kubeconfig, { clock });
  const client = createKubeClient({ access, clock });
  const config = { current: () => defaultConfig, subscribe: () => ({ [Symbol.dispose]: () => undefined }) };
  const world = new KubeWorld({ client, clock, log, config, autoscalers: true });
  const events = new EventRecorder({ client, clock, log, component: "contract", instance: "contract" });
  const routing = new RouteController({
    clock,
    log,
    leading: () => true,
    connects: () => Promise.resolve(true),
    news: createNews(clock, ({ claim, ...note }) => events.record({ ...note, about: claim.service })),
    cluster: {
      claims: world.claims,
      slices: world.slices,
      activators: {
        list: () => [{ address: "198.18.0.99", family: "IPv4" }],
        subscribe: () => ({ [Symbol.dispose]: () => undefined }),
      },
      replicas: (id) => world.claims.workload(id)?.object.spec?.replicas,
      pods: { ready: (id) => world.dests.get(id).ready.length, subscribe: (fn) => world.dests.subscribe(fn) },
      write: (write) => performWrite(client, write),
      others: (id) => readOthers(client, id),
      scaleUp: async (id, replicas) => void (await world.scale.apply(id, replicas)),
    },
  });
  return { world, client, parts: [...world.parts, routing], log };
};

const openKube = async (): Promise<ContractWorld> => {
  const { world, client, parts, log } = await openWorld();
  const deployed = new Set<string>();
  const revisions = world.revisions(servedBy);
  const routes = world.routes("0.0.0.0");
  await startAll(parts, log);
  const remove = async (id: string): Promise<void> => {
    const name = id.slice(id.indexOf("/") + 1);
    const where = ["-n", NAMESPACE, "--ignore-not-found", "--cascade=foreground"];
    await cluster().kubectl("delete", `service/${name}`, `deployment/${name}`, ...where);
    deployed.delete(id);
  };
  return {
    revisions,
    dests: world.dests,
    scale: world.scale,
    wakingPods: world.wakingPods,
    routes,
    deploy: async (name, options) => {
      const id = `${NAMESPACE}/${name}`;
      const fresh = deployed.has(id) ? [] : [workload(name, options.behaviour)];
      await cluster().apply([...fresh, ...objects(name, options)], NAMESPACE);
      deployed.add(id);
      await until(`${name} to be known`, PATIENCE, () => {
        const claim = world.claims.get(id);
        const known = Object.entries(options.annotations).every(
          ([key, value]) => claim?.service.metadata.annotations?.[key] === value,
        );
        return Promise.resolve(known && claim?.workload && world.dests.pods(id) ? true : undefined);
      });
      return id;
    },
    remove,
    [Symbol.asyncDispose]: async () => {
      for (const id of deployed) await remove(id);
      await stopAll(parts, log, AbortSignal.abort());
      client.close();
    },
  };
};

describePorts("kube", openKube);
