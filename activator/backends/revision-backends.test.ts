import { expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { MemoryWorld } from "../../test/helpers/memory-world.ts";
import { PodServer } from "../../test/helpers/pod-server.ts";
import { revisionOf } from "../../test/helpers/revision.ts";
import { until } from "../../test/helpers/until.ts";
import { Throttler } from "../throttle/throttler.ts";
import { RevisionBackends } from "./revision-backends.ts";

const id = "default/hello";
const never = new AbortController().signal;

/** Backends of one revision in a world of its own. */
const backendsOf = async (overrides: Parameters<typeof revisionOf>[0] = {}) => {
  const world = new MemoryWorld();
  const revision = revisionOf(overrides);
  world.setRevision(revision);
  const throttler = new Throttler();
  const backends = new RevisionBackends({
    clock: systemClock,
    log: silentLogger,
    revisions: world.revisions,
    dests: world.dests,
    throttler,
  });
  await backends.start();
  const keys = () => backends.healthy(id).map((dest) => dest.key);
  return {
    world,
    revision,
    throttler,
    backends,
    keys,
    [Symbol.asyncDispose]: () => backends.stop(),
  };
};

test("what the cluster says is ready is used without a probe, also what was there before", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await backendsOf();
  t.world.setDests(id, { ready: [pod.dest] });
  expect(t.keys()).toEqual([pod.dest.key]);
  expect(t.throttler.reserve(t.revision)?.dest).toBe(pod.dest);
  t.world.removeRevision(id);
  t.world.setRevision(t.revision);
  expect(t.keys()).toEqual([pod.dest.key]);
});

test("a pod that is not ready is not even probed while nobody waits", async () => {
  await using pod = await PodServer.start("open");
  await using t = await backendsOf();
  t.world.setDests(id, { notReady: [pod.dest] });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([pod.accepted, t.keys()]).toEqual([0, []]);
});

test("a request that waits leaves the moment a pod that is not ready yet accepts", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await backendsOf();
  t.world.setDests(id, { notReady: [pod.dest] });
  t.backends.nudge(id);
  const waiting = t.throttler.acquire(t.revision, { signal: never });
  await pod.open();
  expect((await waiting).dest).toBe(pod.dest);
});

test("when nobody waits any more, a pod that is not ready is left alone until somebody does", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await backendsOf();
  t.world.setDests(id, { notReady: [pod.dest] });
  const caller = new AbortController();
  t.backends.nudge(id);
  const waiting = t.throttler.acquire(t.revision, { signal: caller.signal }).catch(() => "gave up");
  caller.abort();
  expect(await waiting).toBe("gave up");
  // Longer than the pause between two attempts: the prober has noticed.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await pod.open();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect([pod.accepted, t.keys()]).toEqual([0, []]);
  t.backends.nudge(id);
  expect((await t.throttler.acquire(t.revision, { signal: never })).dest).toBe(pod.dest);
});

test("a pod of a revision with an external probe is used only on the cluster's word", async () => {
  await using pod = await PodServer.start("open");
  await using t = await backendsOf({ probe: { kind: "external" } });
  t.backends.setWaking(id, true);
  t.backends.learn(id, pod.dest);
  t.world.setDests(id, { notReady: [pod.dest] });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect([pod.accepted, t.keys()]).toEqual([0, []]);
  t.world.setDests(id, { ready: [pod.dest] });
  expect(t.keys()).toEqual([pod.dest.key]);
});

test("an address learnt early is used before the cluster's list has it, and is the list's from then on", async () => {
  await using pod = await PodServer.start("open");
  await using t = await backendsOf();
  t.backends.setWaking(id, true);
  t.backends.learn(id, pod.dest);
  await until(() => t.keys().length === 1, "the early pod to be accepted");
  expect(t.backends.ahead(id)).toBe(true);
  t.world.setDests(id, { notReady: [pod.dest] });
  expect([t.keys(), t.backends.ahead(id)]).toEqual([[pod.dest.key], false]);
  t.backends.setWaking(id, false);
  t.world.setDests(id, { ready: [pod.dest] });
  expect(t.keys()).toEqual([pod.dest.key]);
  t.world.setDests(id, {});
  expect(t.keys()).toEqual([]);
});

test("an early pod that goes is dropped at once; one that is still listed must prove itself", async () => {
  await using early = await PodServer.start("open");
  await using listed = await PodServer.start("open");
  await using t = await backendsOf();
  t.world.setDests(id, { ready: [listed.dest] });
  t.backends.setWaking(id, true);
  t.backends.learn(id, early.dest);
  await until(() => t.keys().length === 2, "the early pod to be accepted");
  t.backends.forget(id, early.dest.key);
  expect(t.keys()).toEqual([listed.dest.key]);
  await listed.close();
  t.backends.forget(id, listed.dest.key);
  expect(t.keys()).toEqual([]);
});

test("a suspect is put aside at once and comes back when it accepts", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await backendsOf();
  t.world.setDests(id, { ready: [pod.dest] });
  t.backends.suspect(id, pod.dest);
  expect(t.keys()).toEqual([]);
  expect(t.throttler.reserve(t.revision)).toBeUndefined();
  const waiting = t.throttler.acquire(t.revision, { signal: never });
  await pod.open();
  expect((await waiting).dest).toBe(pod.dest);
  expect(t.keys()).toEqual([pod.dest.key]);
});

test("a suspect that vanishes is forgotten, so that a new pod at its address starts clean", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await backendsOf();
  t.world.setDests(id, { ready: [pod.dest] });
  t.backends.suspect(id, pod.dest);
  t.world.setDests(id, {});
  t.world.setDests(id, { ready: [pod.dest] });
  expect(t.keys()).toEqual([pod.dest.key]);
});

test("a pod that stops being ready has to accept our probe again", async () => {
  await using pod = await PodServer.start("open");
  await using t = await backendsOf();
  t.backends.setWaking(id, true);
  t.world.setDests(id, { notReady: [pod.dest] });
  await until(() => t.keys().length === 1, "the pod to be accepted");
  t.world.setDests(id, { ready: [pod.dest] });
  await pod.close();
  t.world.setDests(id, { notReady: [pod.dest] });
  expect(t.keys()).toEqual([]);
  await pod.open();
  await until(() => t.keys().length === 1, "the pod to be accepted again");
});

test("listeners hear of every change, after the throttler", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await backendsOf();
  const heard: unknown[] = [];
  using _ = t.backends.subscribe((name) => heard.push([name, t.throttler.snapshot(name).dests]));
  t.world.setDests(id, { ready: [pod.dest] });
  t.world.setDests(id, { ready: [{ ...pod.dest }] });
  t.world.setDests(id, {});
  expect(heard).toEqual([
    [id, 1],
    [id, 0],
  ]);
});

test("a revision that goes turns its queue away; limits that change hold for those who wait", async () => {
  await using pod = await PodServer.start("closed");
  await using t = await backendsOf({ containerConcurrency: 1 });
  t.world.setDests(id, { ready: [pod.dest] });
  t.throttler.reserve(t.revision);
  const second = t.throttler.acquire(t.revision, { signal: never });
  const third = t.throttler.acquire(t.revision, { signal: never });
  t.world.setRevision(revisionOf({ containerConcurrency: 2 }));
  await second;
  t.world.removeRevision(id);
  await expect(third).rejects.toMatchObject({ code: "no_such_service" });
});

test("after a stop nothing is probed any more", async () => {
  await using pod = await PodServer.start("closed");
  const t = await backendsOf();
  t.world.setDests(id, { ready: [pod.dest] });
  t.backends.suspect(id, pod.dest);
  await t.backends.stop();
  await pod.open();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(pod.accepted).toBe(0);
});
