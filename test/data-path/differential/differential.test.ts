import * as fc from "fast-check";
import { expect, test } from "vitest";
import { dialogue } from "./generate.ts";
import { Way } from "./outcome.ts";

/** `FUZZ_RUNS=5000` looks longer. */
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 150);

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
    await fc.assert(property, { numRuns, interruptAfterTimeLimit: 540_000 });
  },
);
