import { resolve } from "node:path";
import { app } from "../helpers/pilotlight.ts";
import type { Action } from "./traffic/action.ts";
import { grpcActions } from "./traffic/grpc.ts";
import { bulkActions, faultyActions, tightActions, webActions } from "./traffic/http.ts";
import { http2Actions, translatedActions } from "./traffic/http2.ts";
import { rudeActions } from "./traffic/rude.ts";
import { liveActions } from "./traffic/streams.ts";
import { tcpActions } from "./traffic/tcp.ts";

/** One Service of the soak: its pod, its limits, and what its clients do. */
export interface SoakService {
  readonly name: string;
  readonly pod: "http" | "http2" | "grpc" | "tcp";
  readonly annotations?: Readonly<Record<string, string>>;
  readonly actions: readonly Action[];
  /** Clients at a time. */
  readonly clients: number;
  /** Its pods are killed now and then; where an error is what is asked for, they are not. */
  readonly killed: boolean;
  /** Its starts fail now and then. */
  readonly crashes?: true;
}

const own = (settings: Readonly<Record<string, string | number>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`pilotlight.dev/${name}`, String(value)]),
  );

const several = { "autoscaling.knative.dev/target": "3", "autoscaling.knative.dev/max-scale": "3" };

export const services: readonly SoakService[] = [
  { name: "web", pod: "http", annotations: several, actions: webActions, clients: 6, killed: true },
  { name: "bulk", pod: "http", actions: bulkActions, clients: 3, killed: true },
  { name: "live", pod: "http", annotations: several, actions: liveActions, clients: 6, killed: true },
  {
    name: "h2",
    pod: "http2",
    annotations: own({ protocol: "h2c" }),
    actions: http2Actions,
    clients: 3,
    killed: true,
  },
  { name: "translated", pod: "http", actions: translatedActions, clients: 3, killed: true },
  {
    name: "grpc",
    pod: "grpc",
    annotations: own({ protocol: "grpc" }),
    actions: grpcActions,
    clients: 4,
    killed: true,
  },
  {
    name: "tcp",
    pod: "tcp",
    annotations: own({ protocol: "tcp" }),
    actions: tcpActions,
    clients: 4,
    killed: true,
  },
  { name: "crashing", pod: "http", actions: webActions, clients: 3, killed: true, crashes: true },
  { name: "rude", pod: "http", actions: rudeActions, clients: 4, killed: false },
  {
    name: "tight",
    pod: "http",
    annotations: {
      ...own({ "container-concurrency": 1, "queue-depth": 5 }),
      "autoscaling.knative.dev/max-scale": "1",
    },
    actions: tightActions,
    clients: 1,
    killed: false,
  },
  {
    name: "faulty",
    pod: "http",
    annotations: own({ "response-start-timeout-seconds": 2, "idle-timeout-seconds": 2 }),
    actions: faultyActions,
    clients: 3,
    killed: false,
  },
];

/** What turns an hour into minutes: a Service is at zero ten times as soon as by default. */
const settings = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "config-autoscaler" },
  data: { "scale-to-zero-grace-period": "6s", "stable-window": "6s" },
};

/** All manifests; with another `version` every pod is replaced. */
export const manifests = (version: number, crashFile: string): object[] => [
  settings,
  ...services.flatMap(({ name, pod, annotations = {}, crashes }) =>
    app({
      name,
      command: [process.execPath, resolve(import.meta.dirname, `pods/${pod}-app.mjs`)],
      annotations: { "autoscaling.knative.dev/min-scale": "0", ...annotations },
      env: { VERSION: String(version), ...(crashes ? { CRASH_FILE: crashFile } : {}) },
    }),
  ),
];
