import type { Millis } from "#core/clock.ts";
import type { ContainerStatus, Pod, Workload } from "./objects.ts";
import { hasEnded } from "./pod-progress.ts";

export interface Failure {
  readonly reason: string;
  readonly detail: string;
}

export interface Later {
  readonly againMs: Millis;
}

/** States of a container that it does not leave by waiting a little. */
const STUCK = new Set([
  "ImagePullBackOff",
  "ErrImagePull",
  "ErrImageNeverPull",
  "InvalidImageName",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
  "CrashLoopBackOff",
]);

/** A pod may be unschedulable for a moment while a node comes up, or room is made. */
const UNSCHEDULABLE_MS: Millis = 1000;

/** A pod, and when we first saw it: the cluster's own times are whole seconds of another clock. */
export interface SeenPod {
  readonly pod: Pod;
  readonly since: Millis;
}

const endOf = (terminated: NonNullable<ContainerStatus["state"]>["terminated"]): string =>
  terminated === undefined
    ? ""
    : `; it last ended with ${terminated.reason ?? "Error"}, exit code ${terminated.exitCode}`;

/**
 * A container that has ended more than once is crash-looping, though kubelet says so only when it looks at the pod
 * again ten seconds later.
 */
const containerFailure = (pod: string, status: ContainerStatus): Failure | undefined => {
  const { name, state, lastState, restartCount = 0 } = status;
  const at = `pod ${pod}, container ${name}`;
  const ended = state?.terminated;
  if (ended !== undefined && ended.exitCode !== 0 && restartCount > 0) {
    return { reason: "CrashLoopBackOff", detail: `${at}: restarted ${restartCount} times${endOf(ended)}` };
  }
  const waiting = state?.waiting;
  if (waiting?.reason === undefined || !STUCK.has(waiting.reason)) return undefined;
  const message = waiting.message === undefined ? "" : `: ${waiting.message}`;
  return { reason: waiting.reason, detail: `${at}${message}${endOf(lastState?.terminated)}` };
};

/** Why this pod will not start; `againMs` = it looks so, but not yet for long enough. */
const podFailure = ({ pod, since }: SeenPod, now: Millis): Failure | Later | undefined => {
  const { status, metadata } = pod;
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  for (const container of statuses) {
    const failure = containerFailure(metadata.name, container);
    if (failure !== undefined) return failure;
  }
  const scheduled = status?.conditions?.find(({ type }) => type === "PodScheduled");
  if (scheduled?.status !== "False" || status?.nominatedNodeName !== undefined) return undefined;
  const left = since + UNSCHEDULABLE_MS - now;
  if (left > 0) return { againMs: left };
  const detail = `pod ${metadata.name}: ${scheduled.message ?? "no node takes it"}`;
  return { reason: scheduled.reason ?? "Unschedulable", detail };
};

/**
 * Why no pod can start: there are pods, and each of them is stuck. `againMs` says when to ask again though
 * nothing may have changed. Pure.
 */
export const failureOf = (pods: readonly SeenPod[], now: Millis): Failure | Later | undefined => {
  const verdicts = pods.filter(({ pod }) => !hasEnded(pod)).map((seen) => podFailure(seen, now));
  if (verdicts.length === 0 || verdicts.includes(undefined)) return undefined;
  const waiting = verdicts.find((verdict) => verdict !== undefined && "againMs" in verdict);
  return waiting ?? verdicts[0];
};

/** Why the workload makes no pods at all: a quota, an admission that refuses them. Pure. */
export const workloadFailure = (workload: Workload): Failure | undefined => {
  const condition = workload.status?.conditions?.find(
    ({ type, status }) => type === "ReplicaFailure" && status === "True",
  );
  if (condition === undefined || (workload.spec?.replicas ?? 0) === 0) return undefined;
  return { reason: condition.reason ?? "FailedCreate", detail: condition.message ?? "no pod can be made" };
};
