import { expect, test } from "vitest";
import type { WakingEvent } from "#core/ports.ts";
import { soon, works } from "./common.ts";
import type { ContractWorld } from "./world.ts";

export const describeWaking = (world: () => ContractWorld): void => {
  const watch = (id: string) => {
    const events: WakingEvent[] = [];
    const watching = world().wakingPods.watch(id, (event) => events.push(event));
    const kinds = () => events.map((event) => (event.kind === "phase" ? event.phase : event.kind));
    return { events, kinds, [Symbol.dispose]: () => watching[Symbol.dispose]() };
  };

  test("a waking pod is made, given to a node, started, and has the address of the dest it becomes", async () => {
    const id = await world().deploy("hello", works);
    using seen = watch(id);
    await world().scale.apply(id, 1, { onlyIf: 0 });
    await expect.poll(seen.kinds, soon).toEqual(expect.arrayContaining(["created", "scheduled", "address"]));
    expect(seen.kinds().indexOf("created")).toBeLessThan(seen.kinds().indexOf("scheduled"));
    expect(seen.kinds().indexOf("scheduled")).toBeLessThan(seen.kinds().indexOf("address"));
    await expect.poll(() => world().dests.get(id).ready.length, soon).toBe(1);
    const announced = seen.events.find((event) => event.kind === "address")!.dest;
    expect(world().dests.get(id).ready[0]).toEqual(announced);
    const pods = seen.events.flatMap((event) => (event.kind === "phase" ? [event.pod] : []));
    expect(new Set(pods)).toEqual(new Set([announced.pod]));
  });

  test("who begins to watch later is told of the pods that are there", async () => {
    const id = await world().deploy("hello", works);
    await world().scale.apply(id, 1);
    await expect.poll(() => world().dests.get(id).ready.length, soon).toBe(1);
    using seen = watch(id);
    await expect.poll(seen.kinds, soon).toContain("address");
    expect(seen.kinds()[0]).toBe("created");
  });

  test("a pod that goes is told by its address", async () => {
    const id = await world().deploy("hello", works);
    await world().scale.apply(id, 1);
    await expect.poll(() => world().dests.get(id).ready.length, soon).toBe(1);
    const { key } = world().dests.get(id).ready[0]!;
    using seen = watch(id);
    await world().scale.apply(id, 0);
    await expect.poll(() => seen.events, soon).toContainEqual({ kind: "gone", key });
  });

  test("a pod that crashes at its start ends the waiting, with Kubernetes's word and the pod's last ones", async () => {
    const id = await world().deploy("broken", { ...works, behaviour: "crashes" });
    using seen = watch(id);
    await world().scale.apply(id, 1);
    await expect.poll(seen.kinds, soon).toContain("failed");
    const failed = seen.events.find((event) => event.kind === "failed")!;
    expect(failed.reason).toBe("CrashLoopBackOff");
    expect(failed.detail).toMatch(/exit code 3/);
    // Who comes later is told as well.
    using later = watch(id);
    await expect.poll(later.kinds, soon).toContain("failed");
  });

  test("only the pods of the one revision are told, and none after the watch has ended", async () => {
    const [id, other] = [await world().deploy("hello", works), await world().deploy("other", works)];
    using seen = watch(id);
    const ended = watch(other);
    ended[Symbol.dispose]();
    await world().scale.apply(other, 1);
    await expect.poll(() => world().dests.get(other).ready.length, soon).toBe(1);
    expect([seen.events, ended.events]).toEqual([[], []]);
  });
};
