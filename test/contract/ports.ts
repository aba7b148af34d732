import { afterEach, beforeEach, describe } from "vitest";
import { describeDests } from "./dests.ts";
import { describeRevisions } from "./revisions.ts";
import { describeRoutes } from "./routes.ts";
import { describeScale } from "./scale.ts";
import { describeWaking } from "./waking-pods.ts";
import type { ContractWorld } from "./world.ts";

/** What every implementation of the ports has to do (`core/ports.ts`). */
export const describePorts = (name: string, open: () => Promise<ContractWorld>): void => {
  describe(`ports: ${name}`, () => {
    let world: ContractWorld;
    beforeEach(async () => {
      world = await open();
    });
    afterEach(async () => {
      await world[Symbol.asyncDispose]();
    });

    describeRevisions(() => world);
    describeDests(() => world);
    describeScale(() => world);
    describeWaking(() => world);
    describeRoutes(() => world);
  });
};
