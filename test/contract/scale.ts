import { expect, test } from "vitest";
import { soon, works } from "./common.ts";
import type { ContractWorld } from "./world.ts";

export const describeScale = (world: () => ContractWorld): void => {
  test("a number of pods that was written is the number that is wanted", async () => {
    const id = await world().deploy("hello", works);
    expect(await world().scale.wanted(id)).toBe(0);
    expect(await world().scale.apply(id, 2)).toBe(true);
    expect(await world().scale.wanted(id)).toBe(2);
    await expect
      .poll(() => world().scale.pods(id), soon)
      .toMatchObject({ ready: 2, notReady: 0, pending: 0 });
    expect(await world().scale.apply(id, 1)).toBe(true);
    await expect
      .poll(() => world().scale.pods(id), soon)
      .toEqual({ ready: 1, notReady: 0, pending: 0, terminating: 0 });
  });

  test("a guarded write happens only from the number it names", async () => {
    const id = await world().deploy("hello", works);
    expect(await world().scale.apply(id, 3, { onlyIf: 1 })).toBe(false);
    expect(await world().scale.wanted(id)).toBe(0);
    expect(await world().scale.apply(id, 1, { onlyIf: 0 })).toBe(true);
    expect(await world().scale.apply(id, 2, { onlyIf: 0 })).toBe(false);
    expect(await world().scale.wanted(id)).toBe(1);
  });

  test("of guarded writes at the same time one wins", async () => {
    const id = await world().deploy("hello", works);
    const won = await Promise.all(
      [1, 2, 3, 4].map((replicas) => world().scale.apply(id, replicas, { onlyIf: 0 })),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await world().scale.wanted(id)).toBe(won.indexOf(true) + 1);
  });

  test("what is not there cannot be read, written or counted", async () => {
    await expect(world().scale.wanted("default/other")).rejects.toThrow(/./);
    await expect(world().scale.apply("default/other", 1)).rejects.toThrow(/./);
    await expect(world().scale.pods("default/other")).rejects.toThrow(/./);
  });
};
