import { expect, test } from "vitest";
import { Disturbances } from "./disturbances.ts";
import type { Record } from "./outcome.ts";

const setUp = (...killedAt: readonly number[]): Disturbances => {
  const disturbances = new Disturbances();
  for (const at of killedAt) disturbances.add({ service: "live", kind: "killed", from: at, to: at });
  return disturbances;
};

/** A request from 1,000 to 2,000 that ended with 502. */
const lost = (more: { readonly repeatable: boolean; readonly begun: boolean }): Record => ({
  service: "live",
  action: "GET",
  repeatable: more.repeatable,
  from: 1000,
  to: 2000,
  outcome: { kind: "failed", code: "502 pod_reset", begun: more.begun, detail: "" },
});

test.each<[string, number[], { repeatable: boolean; begun: boolean }, string | undefined]>([
  ["one kill explains what may not be sent twice", [1500], { repeatable: false, begun: false }, "killed"],
  ["one kill explains an answer that had begun", [1500], { repeatable: true, begun: true }, "killed"],
  [
    "one kill does not explain a request that may be repeated",
    [1500],
    { repeatable: true, begun: false },
    undefined,
  ],
  ["two kills while it was under way do", [1200, 1900], { repeatable: true, begun: false }, "killed"],
  ["two kills of which one was before it do not", [900, 1900], { repeatable: true, begun: false }, undefined],
  ["nothing explains it when nothing was done", [], { repeatable: false, begun: false }, undefined],
])("%s", (_, kills, more, why) => {
  expect(setUp(...kills).explain(lost(more))).toBe(why);
});
