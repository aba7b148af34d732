import { expect, test } from "vitest";
import { soon, works } from "./common.ts";
import type { ContractWorld } from "./world.ts";

export const describeRoutes = (world: () => ContractWorld): void => {
  test("each port of each Service has a route of its own, from its coming to its going", async () => {
    let told = 0;
    using _ = world().routes.subscribe(() => told++);
    const first = await world().deploy("hello", works);
    const second = await world().deploy("other", works);
    const named = () =>
      world()
        .routes.list()
        .map(({ id, portIndex }) => `${id} ${portIndex}`);
    await expect
      .poll(() => named().toSorted(), soon)
      .toEqual([`${first} 0`, `${first} 1`, `${second} 0`, `${second} 1`]);
    const ports = world()
      .routes.list()
      .map(({ port }) => port);
    expect(new Set(ports).size).toBe(4);
    expect(told).toBeGreaterThan(0);
    const before = world()
      .routes.list()
      .filter(({ id }) => id === second);
    await world().remove(first);
    await expect.poll(() => named().toSorted(), soon).toEqual([`${second} 0`, `${second} 1`]);
    expect(world().routes.list()).toEqual(before);
  });
};
