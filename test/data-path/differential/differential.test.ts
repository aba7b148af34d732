import * as fc from "fast-check";
import { expect, test } from "vitest";
import { dialogue } from "./generate.ts";
import { Way } from "./outcome.ts";

/** The same dialogues each time; `FUZZ_RUNS=5000 FUZZ_SEED=7` looks longer and elsewhere. */
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 200);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);

test(
  "the lane and the general engine: the same bytes for the pod, the same answer for the client",
  { timeout: 600_000 },
  async () => {
    await using lane = await Way.start(true);
    await using general = await Way.start(false);
    const property = fc.asyncProperty(dialogue, async (one) => {
      const [short, long] = await Promise.all([lane.run(one), general.run(one)]);
      expect(short).toEqual(long);
    });
    await fc.assert(property, { numRuns, seed, interruptAfterTimeLimit: 540_000 });
  },
);
