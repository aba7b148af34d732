import { expect, test } from "vitest";
import type { WakingEvent } from "#core/ports.ts";
import { PodServer } from "../../test/helpers/pod-server.ts";
import { wakerOf } from "../../test/helpers/waker-world.ts";

const id = "default/hello";
const crash: WakingEvent = { kind: "failed", reason: "CrashLoopBackOff", detail: "exit code 1" };
const startFailed = { code: "start_failed", detail: "CrashLoopBackOff: exit code 1", retryAfter: 1 };

test("one attempt for any number of requests: watched first, patched once, ended by a pod that accepts", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await wakerOf();
  const held = [t.hold(), t.hold(), t.hold()];
  expect(t.world.watching(id)).toBe(1);
  await t.clock.advance(1);
  expect(t.world.applied).toEqual([{ id, replicas: 2, onlyIf: 0 }]);
  for (const phase of ["created", "scheduled", "started"] as const) {
    t.world.emit(id, { kind: "phase", pod: "hello-1", phase });
    await t.clock.advance(5);
  }
  t.world.emit(id, { kind: "address", dest: pod.dest });
  expect(t.waker.waking(id)).toBe(true);
  await pod.open();
  await t.passUntil(() => t.throttler.queued(id) === 0, "the pod to be accepted");
  for (const grant of await Promise.all(held)) expect(grant.dest).toBe(pod.dest);
  const start = t.waker.lastColdStart(id)!;
  expect(start.outcome).toBe("accepted");
  expect(Object.keys(start.phases)).toEqual([
    "requested",
    "patched",
    "created",
    "scheduled",
    "started",
    "address",
    "accepted",
  ]);
  expect(start.phases).toMatchObject({ requested: 0, created: 1, scheduled: 6, started: 11, address: 16 });
  expect([t.waker.coldStarts(id), t.waker.waking(id), t.starts]).toEqual([1, false, [start]]);
});

test("the pods are watched until the cluster's own list knows them", async () => {
  await using pod = await PodServer.start("open");
  await using t = await wakerOf();
  void t.hold();
  t.world.emit(id, { kind: "address", dest: pod.dest });
  await t.passUntil(() => t.throttler.queued(id) === 0, "the pod to be accepted");
  await t.clock.advance(5000);
  expect(t.world.watching(id)).toBe(1);
  t.world.setDests(id, { ready: [pod.dest] });
  await t.clock.advance(1000);
  expect(t.world.watching(id)).toBe(0);
  expect(t.backends.healthy(id)).toEqual([pod.dest]);
});

test("a pod that the cluster's list never gets is not kept for ever; whoever waits then wakes another", async () => {
  await using pod = await PodServer.start("open");
  await using t = await wakerOf({ containerConcurrency: 1 });
  void t.hold();
  t.world.emit(id, { kind: "address", dest: pod.dest });
  await t.passUntil(() => t.throttler.queued(id) === 0, "the pod to be accepted");
  const held = t.hold();
  await t.clock.advance(31_000);
  expect([t.backends.healthy(id), t.waker.waking(id)]).toEqual([[], true]);
  t.world.emit(id, crash);
  await expect(held).rejects.toMatchObject(startFailed);
  await t.clock.advance(1000);
  expect(t.world.watching(id)).toBe(0);
});

test("further pods of the same cold start are not counted as another", async () => {
  await using pod = await PodServer.start("closed");
  await using second = await PodServer.start("closed");
  await using t = await wakerOf();
  void t.hold();
  t.world.setDests(id, { ready: [pod.dest] });
  t.world.setDests(id, { ready: [pod.dest, second.dest] });
  expect([t.waker.coldStarts(id), t.starts.length]).toEqual([1, 1]);
});

test("nothing is done while a dest is healthy", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await wakerOf({ containerConcurrency: 1 });
  t.world.setDests(id, { ready: [pod.dest] });
  t.waker.wake(t.revision);
  expect([t.world.watching(id), t.world.applied, t.waker.waking(id)]).toEqual([0, [], false]);
});

test("no pod can start: everyone who waits hears why, those who come within a second at once, then it is tried anew", async () => {
  await using t = await wakerOf();
  const held = [t.hold(), t.hold()];
  t.world.emit(id, crash);
  for (const request of held) await expect(request).rejects.toMatchObject(startFailed);
  await t.clock.advance(900);
  expect(() => t.waker.wake(t.revision)).toThrow(expect.objectContaining(startFailed));
  expect(t.starts.map((start) => start.outcome)).toEqual(["failed"]);
  await t.clock.advance(200);
  expect(t.world.watching(id)).toBe(0);
  const again = t.hold();
  expect(t.world.watching(id)).toBe(1);
  t.world.emit(id, crash);
  await expect(again).rejects.toMatchObject(startFailed);
});

test("a failure that is known from the start is thrown at once", async () => {
  await using t = await wakerOf();
  t.world.existing.push(crash);
  expect(() => t.waker.wake(t.revision)).toThrow(expect.objectContaining(startFailed));
  expect(t.throttler.queued(id)).toBe(0);
});

test("a pod that accepts after all ends the failing at once, and is no cold start", async () => {
  await using pod = await PodServer.start("open");
  await using t = await wakerOf();
  const held = t.hold();
  t.world.emit(id, crash);
  await expect(held).rejects.toMatchObject(startFailed);
  t.world.emit(id, { kind: "address", dest: pod.dest });
  await t.passUntil(() => t.backends.healthy(id).length > 0, "the pod to be accepted");
  t.waker.wake(t.revision);
  expect(t.throttler.reserve(t.revision)?.dest).toBe(pod.dest);
  await t.clock.advance(2000);
  expect(t.backends.healthy(id)).toEqual([pod.dest]);
  expect([t.waker.coldStarts(id), t.starts.length]).toEqual([0, 1]);
});

test("a scale that cannot be written is told to those who wait", async () => {
  await using t = await wakerOf();
  t.world.refusals.push(Object.assign(new Error("deployments.apps hello not found"), { code: 404 }));
  const held = t.hold();
  await expect(held).rejects.toMatchObject({
    code: "scale_failed",
    detail: "deployments.apps hello not found",
  });
  expect(() => t.waker.wake(t.revision)).toThrow(expect.objectContaining({ code: "scale_failed" }));
});

test("a scale that another sets back to 0 meanwhile is raised again", async () => {
  await using t = await wakerOf();
  void t.hold();
  await t.clock.advance(10);
  t.world.replicas.set(id, 0);
  await t.clock.advance(1000);
  expect(t.world.replicas.get(id)).toBe(2);
});

test("when nobody waits any more the attempt is given up after a while", async () => {
  await using t = await wakerOf();
  const caller = new AbortController();
  const held = t.hold(caller.signal);
  await t.clock.advance(60_000);
  expect(t.waker.waking(id)).toBe(true);
  caller.abort();
  await expect(held).rejects.toBeDefined();
  await t.clock.advance(1000);
  expect([t.waker.waking(id), t.world.watching(id), t.waker.lastColdStart(id)]).toEqual([
    false,
    0,
    undefined,
  ]);
});

test("when all pods go while requests wait, new ones are asked for without another request", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await wakerOf({ containerConcurrency: 1 });
  t.world.setDests(id, { ready: [pod.dest] });
  t.throttler.reserve(t.revision);
  const held = t.hold();
  expect(t.waker.waking(id)).toBe(false);
  t.world.setDests(id, {});
  expect(t.waker.waking(id)).toBe(true);
  await t.clock.advance(1);
  expect(t.world.applied).toEqual([{ id, replicas: 2, onlyIf: 0 }]);
  t.world.emit(id, crash);
  await expect(held).rejects.toMatchObject(startFailed);
});

test("a revision that goes is forgotten", async () => {
  await using t = await wakerOf();
  const held = t.hold();
  t.world.removeRevision(id);
  await expect(held).rejects.toMatchObject({ code: "no_such_service" });
  expect([t.waker.waking(id), t.world.watching(id)]).toEqual([false, 0]);
});

test("the usual start is the median of those that were seen, and goes with the revision", async () => {
  await using t = await wakerOf();
  expect(t.waker.usualStart(id)).toBeUndefined();
  for (const took of [1000, 9000, 2000]) {
    await using pod = await PodServer.start("open");
    const held = t.hold();
    await t.clock.advance(took);
    t.world.emit(id, { kind: "address", dest: pod.dest });
    await t.passUntil(() => t.throttler.queued(id) === 0, "the pod to be accepted");
    (await held)[Symbol.dispose]();
    t.world.emit(id, { kind: "gone", key: pod.dest.key });
    await t.waker.stop();
    await t.waker.start();
  }
  expect(t.waker.usualStart(id)).toBeGreaterThanOrEqual(2000);
  expect(t.waker.usualStart(id)).toBeLessThan(9000);
  t.world.removeRevision(id);
  expect(t.waker.usualStart(id)).toBeUndefined();
});
