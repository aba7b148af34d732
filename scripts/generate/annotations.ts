import { keys } from "#core/annotations/keys.ts";
import { ownKeys } from "#core/annotations/own.ts";
import { markdownTable } from "./markdown.ts";

type Row = readonly [allowed: string, fallback: string, meaning: string];

const knative: Record<Exclude<keyof typeof keys, "progressDeadline">, Row> = {
  class: [
    "`kpa.autoscaling.knative.dev`, `hpa.autoscaling.knative.dev`",
    "KPA",
    "who decides: Knative's algorithm, or a HorizontalPodAutoscaler",
  ],
  metric: [
    "KPA: `concurrency`, `rps`; HPA: `cpu`, `memory`, …",
    "`concurrency` (HPA: `cpu`)",
    "what is measured",
  ],
  target: ["≥ 0.01", "100 requests at once; 200 requests a second", "what one pod can take"],
  targetUtilization: ["1 to 100", "70", "percent of the target that is aimed at"],
  targetBurstCapacity: [
    "≥ 0, or −1",
    "211",
    "accepted and used in the excess burst capacity; the activator stays in the path whatever it says",
  ],
  minScale: ["0 to 2147483647", "0", "never fewer pods"],
  maxScale: ["0 to 2147483647; 0 = no limit", "0", "never more pods"],
  initialScale: ["≥ 1; 0 where the cluster allows it", "1", "pods when the Service is first seen"],
  activationScale: ["≥ 2, inside min and max", "off", "fewest pods whenever there are any"],
  window: ["6s to 1h, whole seconds", "60s", "time over which the load is averaged"],
  panicWindow: ["1 to 100", "10", "percent of the window that detects bursts"],
  panicThreshold: ["110 to 1000", "200", "percent of the ready pods' capacity that starts panic mode"],
  scaleDownDelay: ["0s to 1h, whole seconds", "0s", "the highest number of pods of this time is kept"],
  podRetention: ["0s to 1h", "0s", "how long the last pod is kept at least"],
  algorithm: ["`linear`, `weighted-exponential`", "`linear`", "how a window is averaged"],
};

const own: Record<keyof typeof ownKeys, Row> = {
  scaleTarget: [
    "`GROUP/VERSION/KIND/NAME`",
    "found by the selector",
    "the workload that is scaled, e.g. `apps/v1/StatefulSet/hello`",
  ],
  containerConcurrency: ["0 to 1000; 0 = no limit", "0", "hard limit of requests in one pod at a time"],
  timeout: ["1 to 86400", "300", "seconds for a whole request, waiting included"],
  responseStartTimeout: ["0 to 86400; 0 = no limit of its own", "0", "seconds until the answer begins"],
  idleTimeout: [
    "0 to 86400; 0 = no limit",
    "0",
    "seconds between two bytes of an answer or of an upgraded connection",
  ],
  queueDepth: ["1 to 1000000", "10000", "requests that may wait before 503"],
  queueTimeout: [
    "1 to 86400",
    "3.5 times the usual start, at least 10, while no pod is ready",
    "seconds a request may wait for a pod before 503",
  ],
  ignorePaths: [
    "globs, with commas between",
    "–",
    "paths of requests that wake nothing, e.g. `/healthz, /internal/*`",
  ],
  ignoreUserAgents: [
    "globs, with commas between",
    "–",
    "user agents that wake nothing, e.g. `kube-probe/*, *bot*`",
  ],
  ignoreCidrs: [
    "networks, with commas between",
    "–",
    "clients that wake nothing, e.g. `10.1.0.0/16, fd00::/8`",
  ],
  ignoreStatus: ["200 to 599", "200", "what they are answered while no pod is ready"],
  waitingPage: [
    "`true`, `false`",
    "`false`",
    "browsers get a page that looks again by itself while a pod starts",
  ],
  waitingPageTitle: ["1 to 200 letters", "the Service's name", "that page's title"],
  waitingPageTheme: ["`auto`, `light`, `dark`", "`auto`", "that page's colours"],
  maxConnections: [
    "1 to 1000000",
    "`PILOTLIGHT_MAX_CONNECTIONS_PER_PORT`",
    "connections of clients to each port, before more are cut",
  ],
  maxConnectionsPerClient: [
    "1 to 1000000",
    "none",
    "the same from one address; many may come through one proxy",
  ],
  maxStreams: ["1 to 10000", "`PILOTLIGHT_MAX_STREAMS`", "unanswered requests on one HTTP/2 connection"],
  maxStreamResets: [
    "1 to 1000000",
    "100",
    "requests that one HTTP/2 connection may reset within a second of sending them, before it is ended if they are more than half of all",
  ],
  maxControlFrames: [
    "1 to 1000000",
    "500",
    "PING and SETTINGS frames that one HTTP/2 connection may send at once, with ten more a second, before it is ended",
  ],
  protocol: [
    "`http`, `h2c`, `grpc`, `tcp`, `tls`",
    "each port's `appProtocol` or name",
    "what the ports speak",
  ],
  selector: ["–", "–", "the Service's own selector while Pilotlight holds it; written by Pilotlight"],
  localPort: ["1 to 65535", "a free one", "`pilotlight local`: the port on this machine"],
};

const HEAD = ["annotation", "allowed", "default", "meaning"] as const;

/** Knative's annotations, aliases included. */
export const annotationsTable = (): string =>
  markdownTable(
    HEAD,
    Object.entries(knative).map(([name, row]) => [spellings(keys[name as keyof typeof knative]), ...row]),
  );

const spellings = ([canonical, alias]: readonly string[]): string =>
  `\`${canonical}\`${alias === undefined ? "" : ` (or \`${alias.replace(/^.*\//, "")}\`)`}`;

/** Pilotlight's own annotations. */
export const ownAnnotationsTable = (): string =>
  markdownTable(
    HEAD,
    Object.entries(own).map(([name, row]) => [`\`${ownKeys[name as keyof typeof ownKeys]}\``, ...row]),
  );
