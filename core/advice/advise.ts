import { coresOf } from "./cpu.ts";
import type { Advice, AdviceSubject, ContainerShape, PodShape, ProbeShape } from "./subject.ts";

/**
 * What makes this Service slow to wake. The figures were measured on a single-node cluster with the image present
 * (medians, n = 20 to 50): a token 228 → 541 ms, since kubelet looks at volumes every 300 ms; a second container
 * 228 → 419 ms. They are orders of magnitude, not promises.
 */
export const advise = (subject: AdviceSubject): Advice[] => rules.flatMap((rule) => rule(subject));

/** What a pod's own text shows to slow each of its starts: probes that only kubelet runs, and a mounted token. */
export const slowStart = (pod: PodShape): Advice[] =>
  advise({ workload: "", pod, windowMs: 0 }).filter(({ code }) => SLOW_START.has(code));

const SLOW_START = new Set(["service-account-token", "startup-probe", "exec-probe", "grpc-probe"]);

type Rule = (subject: AdviceSubject) => Advice[];

const TOKEN_MS = [190, 310] as const;
const CONTAINER_MS = [190, 190] as const;
/** Kubernetes' default when a probe says nothing. */
const PERIOD_SECONDS = 10;
/** Below one core, a start that uses one is held up for part of each 100 ms. */
const THROTTLE_BELOW_CORES = 1;

const token: Rule = ({ pod }) =>
  pod.automountServiceAccountToken === false
    ? []
    : [
        {
          code: "service-account-token",
          finding:
            "a ServiceAccount token is mounted; an application that does not call the API server needs none",
          costMs: TOKEN_MS,
          yaml: "spec.template.spec.automountServiceAccountToken: false",
        },
      ];

const furtherContainers: Rule = ({ pod }) => {
  const init = pod.initContainers ?? [];
  const sidecars = [
    ...pod.containers.slice(1),
    ...init.filter(({ restartPolicy }) => restartPolicy === "Always"),
  ];
  const before = init.filter(({ restartPolicy }) => restartPolicy !== "Always");
  return [
    ...sidecars.map(({ name }) => containerAdvice("sidecar", name, "starts beside the application")),
    ...before.map(({ name }) =>
      containerAdvice("init-container", name, "has to end before the application starts"),
    ),
  ];
};

const containerAdvice = (code: string, name: string, what: string): Advice => ({
  code,
  finding: `container "${name}" ${what}${code === "init-container" ? "; its own run time comes on top" : ""}`,
  costMs: CONTAINER_MS,
  yaml: `# do its work in the image or in the application, and take "${name}" out of spec.template.spec`,
});

const probes: Rule = ({ pod }) => pod.containers.slice(0, 1).flatMap(containerProbes);

const containerProbes = (container: ContainerShape): Advice[] => {
  const { readinessProbe, startupProbe } = container;
  if (startupProbe !== undefined) return [waitsForKubelet("startup-probe", "startupProbe", startupProbe)];
  if (readinessProbe === undefined) return [noProbe];
  if (readinessProbe.httpGet === undefined && readinessProbe.tcpSocket === undefined) {
    const kind = readinessProbe.exec === undefined ? "gRPC" : "exec";
    return [waitsForKubelet(`${kind.toLowerCase()}-probe`, `${kind} readinessProbe`, readinessProbe)];
  }
  return [...delay(readinessProbe), ...period(readinessProbe)];
};

const noProbe: Advice = {
  code: "no-readiness-probe",
  finding:
    "without a readinessProbe the first accepted connection counts as ready; an application that listens before it can answer gets its first requests too early",
  yaml: "spec.template.spec.containers[0].readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}",
};

const waitsForKubelet = (
  code: string,
  what: string,
  { periodSeconds, initialDelaySeconds }: ProbeShape,
): Advice => ({
  code,
  finding: `only kubelet can run the ${what}, so nobody can know sooner than it looks`,
  costMs: [
    (initialDelaySeconds ?? 0) * 1000,
    ((initialDelaySeconds ?? 0) + (periodSeconds ?? PERIOD_SECONDS)) * 1000,
  ],
  yaml: "spec.template.spec.containers[0].readinessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 1}  # and no startupProbe",
});

const delay = ({ initialDelaySeconds = 0 }: ProbeShape): Advice[] =>
  initialDelaySeconds === 0
    ? []
    : [
        {
          code: "initial-delay",
          finding: `initialDelaySeconds ${initialDelaySeconds} delays nothing here, since Pilotlight probes by itself from the start; it delays rollouts and every other client of the pods`,
          yaml: "spec.template.spec.containers[0].readinessProbe.initialDelaySeconds: 0",
        },
      ];

const period = ({ periodSeconds = PERIOD_SECONDS }: ProbeShape): Advice[] =>
  periodSeconds < PERIOD_SECONDS
    ? []
    : [
        {
          code: "probe-period",
          finding: `periodSeconds ${periodSeconds} is no matter to Pilotlight, which probes every few milliseconds; rollouts and other clients wait for it`,
          yaml: "spec.template.spec.containers[0].readinessProbe.periodSeconds: 1",
        },
      ];

const images: Rule = ({ pod, nodes }) =>
  [...(pod.initContainers ?? []), ...pod.containers].flatMap((container) => [
    ...pullPolicy(container),
    ...missingImage(container, nodes),
  ]);

const pullPolicy = ({ name, image = "", imagePullPolicy }: ContainerShape): Advice[] => {
  const tag = /[:@]([^/:@]+)$/.exec(image)?.[1];
  const policy = imagePullPolicy ?? (tag === undefined || tag === "latest" ? "Always" : "IfNotPresent");
  return policy === "Always"
    ? [
        {
          code: "image-pull-policy",
          finding: `container "${name}" asks the registry at each start (imagePullPolicy Always${imagePullPolicy === undefined ? ", the default for this tag" : ""}); when the registry is away no pod starts`,
          yaml: "spec.template.spec.containers[0].imagePullPolicy: IfNotPresent  # with a tag that is not moved",
        },
      ]
    : [];
};

const missingImage = ({ image = "" }: ContainerShape, nodes: AdviceSubject["nodes"]): Advice[] => {
  if (nodes === undefined || nodes.count === 0 || image === "") return [];
  const present = nodes.withImage(image);
  return present >= nodes.count
    ? []
    : [
        {
          code: "image-not-present",
          finding: `${image} is on ${present} of ${nodes.count} nodes; on the others the first start pulls it`,
          yaml: "# a DaemonSet that runs the image once on each node brings it there ahead of time",
        },
      ];
};

const cpuLimits: Rule = ({ pod }) =>
  pod.containers.flatMap(({ name, resources }) => {
    const limit = resources?.limits?.["cpu"];
    const cores = limit === undefined ? undefined : coresOf(limit);
    if (cores === undefined || cores >= THROTTLE_BELOW_CORES) return [];
    return [
      {
        code: "cpu-limit",
        finding: `container "${name}" may use ${limit} of a core also while it starts: a start that needs one second of CPU takes ${(1 / cores).toFixed(1)} s`,
        yaml: "# take spec.template.spec.containers[0].resources.limits.cpu out and keep the request",
      },
    ];
  });

const windowTooShort: Rule = ({ starts, windowMs }) =>
  starts === undefined || starts.averageMs < windowMs
    ? []
    : [
        {
          code: "window-shorter-than-start",
          finding: `a start takes ${(starts.averageMs / 1000).toFixed(1)} s (average of ${starts.count}), the window is ${windowMs / 1000} s: a pod may be taken away as soon as it is there`,
          yaml: `metadata.annotations: {autoscaling.knative.dev/window: "${Math.min(3600, Math.ceil((starts.averageMs * 3) / 1000))}s"}  # on the Service`,
        },
      ];

const rules: readonly Rule[] = [token, furtherContainers, probes, images, cpuLimits, windowTooShort];
