import { expect, test } from "vitest";
import { noDests } from "#core/ports.ts";
import { soon, works } from "./common.ts";
import type { ContractWorld } from "./world.ts";

export const describeDests = (world: () => ContractWorld): void => {
  test("a Service at zero has no dests, and one that nobody knows has none either", async () => {
    const id = await world().deploy("hello", works);
    expect(world().dests.get(id)).toEqual(noDests);
    expect(world().dests.get("default/other")).toEqual(noDests);
  });

  test("pods become ready dests with a port for each port of the Service, and go again", async () => {
    const id = await world().deploy("hello", works);
    let told = 0;
    using _ = world().dests.subscribe((changed) => {
      if (changed === id) told++;
    });
    await world().scale.apply(id, 2);
    await expect.poll(() => world().dests.get(id).ready.length, soon).toBe(2);
    const { ready } = world().dests.get(id);
    for (const { key, host, ports } of ready) {
      expect(ports).toHaveLength(2);
      expect(key).toBe(`${host}:${ports[0]}`);
    }
    expect(new Set(ready.map(({ key }) => key)).size).toBe(2);
    expect(told).toBeGreaterThan(0);
    await world().scale.apply(id, 0);
    await expect.poll(() => world().dests.get(id), soon).toEqual(noDests);
    expect(ready).toHaveLength(2);
  });

  test("a pod that cannot start is never a ready dest", async () => {
    const id = await world().deploy("broken", { ...works, behaviour: "crashes" });
    let ready = 0;
    using _ = world().dests.subscribe(() => (ready += world().dests.get(id).ready.length));
    const failed = Promise.withResolvers<void>();
    using __ = world().wakingPods.watch(id, ({ kind }) => {
      if (kind === "failed") failed.resolve();
    });
    await world().scale.apply(id, 1);
    await failed.promise;
    expect(ready).toBe(0);
  });
};
