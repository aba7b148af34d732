import type { Dest, WakingEvent } from "#core/ports.ts";
import { destOf } from "./endpoints.ts";
import type { Pod, ServicePort } from "./objects.ts";

type Phase = Extract<WakingEvent, { kind: "phase" }>["phase"];

export const hasEnded = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp !== undefined || status?.phase === "Failed" || status?.phase === "Succeeded";

const phasesOf = ({ spec, status }: Pod): Phase[] => {
  const phases: Phase[] = ["created"];
  if (spec?.nodeName !== undefined) phases.push("scheduled");
  if ((status?.containerStatuses ?? []).some(({ state }) => state?.running !== undefined))
    phases.push("started");
  return phases;
};

/** The pod's own ports behind the Service's; undefined when the pod does not name one of them. */
const portsOf = ({ spec }: Pod, ports: readonly ServicePort[]): number[] | undefined => {
  const named = (spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  const found = ports.map(({ port, targetPort = port }) =>
    typeof targetPort === "number"
      ? targetPort
      : named.find(({ name }) => name === targetPort)?.containerPort,
  );
  return found.every((port) => port !== undefined) ? found : undefined;
};

/** The pod as a dest at `ip`; undefined when it does not name one of the Service's ports. */
export const destAt = (pod: Pod, ports: readonly ServicePort[], ip: string): Dest | undefined => {
  const targets = portsOf(pod, ports);
  return targets === undefined ? undefined : destOf(ip, targets, pod.metadata.name);
};

const destOfPod = (pod: Pod, ports: readonly ServicePort[]): Dest | undefined => {
  const ip = pod.status?.podIP;
  return ip === undefined || ip === "" ? undefined : destAt(pod, ports, ip);
};

/** What has become known of a pod since `before`; `ports` are the Service's TCP ports. Pure. */
export const progress = (
  before: Pod | undefined,
  now: Pod | undefined,
  ports: readonly ServicePort[],
): readonly WakingEvent[] => {
  const pod = now?.metadata.name ?? before?.metadata.name ?? "";
  const known = before === undefined || hasEnded(before) ? undefined : before;
  const had = known && destOfPod(known, ports);
  if (now === undefined || hasEnded(now)) {
    // Also of a pod that ends before we ever saw it run: somebody else may know its address.
    const gone = had ?? (now !== undefined && before === undefined ? destOfPod(now, ports) : undefined);
    return gone === undefined ? [] : [{ kind: "gone", key: gone.key }];
  }
  const seen = known === undefined ? [] : phasesOf(known);
  const events: WakingEvent[] = phasesOf(now)
    .filter((phase) => !seen.includes(phase))
    .map((phase) => ({ kind: "phase", pod, phase }));
  const dest = destOfPod(now, ports);
  if (dest?.key === had?.key) return events;
  if (had !== undefined) events.push({ kind: "gone", key: had.key });
  if (dest !== undefined) events.push({ kind: "address", dest });
  return events;
};
