import { expect, test } from "vitest";

import type { Pod, Workload } from "./objects.ts";
import { failureOf, workloadFailure } from "./pod-failure.ts";

const pod = (status: Pod["status"] & object, metadata: object = {}): Pod => ({
  metadata: { name: "p", ...metadata },
  status,
});
const seen = (...pods: Pod[]) => pods.map((each) => ({ pod: each, since: 0 }));
const waiting = (reason: string, message?: string): Pod =>
  pod({
    containerStatuses: [
      { name: "app", state: { waiting: { reason, ...(message === undefined ? {} : { message }) } } },
    ],
  });
const unschedulable = {
  conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" }],
};

test.each([
  "ImagePullBackOff",
  "ErrImagePull",
  "InvalidImageName",
  "CreateContainerConfigError",
  "CrashLoopBackOff",
])("%s is no state that a pod leaves soon", (reason) => {
  expect(failureOf(seen(waiting(reason, "why")), 0)).toEqual({
    reason,
    detail: "pod p, container app: why",
  });
});

test("how a crashing container last ended is told", () => {
  const status = {
    name: "app",
    state: { waiting: { reason: "CrashLoopBackOff" } },
    lastState: { terminated: { reason: "OOMKilled", exitCode: 137 } },
  };
  expect(failureOf(seen(pod({ containerStatuses: [status] })), 0)).toMatchObject({
    detail: "pod p, container app; it last ended with OOMKilled, exit code 137",
  });
});

test("a container that ended for the second time is crash-looping, before kubelet says so", () => {
  const ended = (restartCount: number, exitCode = 3) =>
    pod({
      containerStatuses: [
        { name: "app", restartCount, state: { terminated: { reason: "Error", exitCode } } },
      ],
    });
  expect(failureOf(seen(ended(0)), 0)).toBeUndefined();
  expect(failureOf(seen(ended(1, 0)), 0)).toBeUndefined();
  expect(failureOf(seen(ended(1)), 0)).toEqual({
    reason: "CrashLoopBackOff",
    detail: "pod p, container app: restarted 1 times; it last ended with Error, exit code 3",
  });
});

test("an init container counts as well", () => {
  const status = { name: "init", state: { waiting: { reason: "ErrImagePull" } } };
  expect(failureOf(seen(pod({ initContainerStatuses: [status] })), 0)).toMatchObject({
    reason: "ErrImagePull",
  });
});

test("ContainerCreating is a pod on its way", () => {
  expect(failureOf(seen(waiting("ContainerCreating")), 0)).toBeUndefined();
});

test("unschedulable counts after a second, and not while room is being made", () => {
  expect(failureOf(seen(pod(unschedulable)), 400)).toEqual({ againMs: 600 });
  expect(failureOf(seen(pod(unschedulable)), 1000)).toEqual({
    reason: "Unschedulable",
    detail: "pod p: 0/3 nodes",
  });
  expect(failureOf(seen(pod({ ...unschedulable, nominatedNodeName: "n" })), 5000)).toBeUndefined();
});

test("one pod that may still come up is hope; one that ends is none", () => {
  const stuck = waiting("ErrImagePull");
  expect(failureOf(seen(stuck, pod({})), 0)).toBeUndefined();
  const ending = pod({}, { deletionTimestamp: "2026-01-01T00:00:00Z" });
  expect(failureOf(seen(stuck, ending), 0)).toMatchObject({ reason: "ErrImagePull" });
  expect(failureOf(seen(ending), 0)).toBeUndefined();
  expect(failureOf([], 0)).toBeUndefined();
});

test("a workload whose pods are refused says so, unless it wants none", () => {
  const conditions = [
    { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: "exceeded quota: q" },
  ];
  const workload = (replicas: number): Workload => ({
    metadata: { name: "w" },
    spec: { replicas },
    status: { conditions },
  });
  expect(workloadFailure(workload(1))).toEqual({ reason: "FailedCreate", detail: "exceeded quota: q" });
  expect(workloadFailure(workload(0))).toBeUndefined();
  expect(workloadFailure({ metadata: { name: "w" }, spec: { replicas: 1 } })).toBeUndefined();
});
