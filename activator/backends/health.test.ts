import { expect, test } from "vitest";
import type { Dest } from "#core/ports.ts";
import { judge, type Knowledge, sameDests } from "./health.ts";

const dest = (key: string, pod?: string): Dest => ({ key, host: key, ports: [1], ...(pod && { pod }) });
const [a, b, c] = [dest("a"), dest("b"), dest("c")];

const knowledge = (overrides: Partial<Knowledge>): Knowledge => ({
  known: { ready: [], notReady: [] },
  early: new Map(),
  verified: new Set(),
  suspects: new Set(),
  ownProbe: true,
  urgent: true,
  ...overrides,
});

const ready = { ready: [a], notReady: [] };
const notReady = { ready: [], notReady: [a] };
const early = new Map([["a", a]]);
const it = new Set(["a"]);

test.each<[string, Partial<Knowledge>, "healthy" | "doubtful" | "neither"]>([
  ["ready", { known: ready }, "healthy"],
  ["ready, external probe", { known: ready, ownProbe: false }, "healthy"],
  ["ready, suspect", { known: ready, suspects: it }, "doubtful"],
  ["ready, suspect, nobody waits", { known: ready, suspects: it, urgent: false }, "doubtful"],
  ["ready, suspect, external probe", { known: ready, suspects: it, ownProbe: false }, "doubtful"],
  ["not ready", { known: notReady }, "doubtful"],
  ["not ready, nobody waits", { known: notReady, urgent: false }, "neither"],
  ["not ready, accepted our probe", { known: notReady, verified: it }, "healthy"],
  ["not ready, accepted, nobody waits", { known: notReady, verified: it, urgent: false }, "healthy"],
  ["not ready, accepted, suspect", { known: notReady, verified: it, suspects: it }, "doubtful"],
  ["not ready, external probe", { known: notReady, verified: it, ownProbe: false }, "neither"],
  ["early", { early }, "doubtful"],
  ["early, nobody waits", { early, urgent: false }, "neither"],
  ["early, accepted our probe", { early, verified: it }, "healthy"],
  ["early, external probe", { early, ownProbe: false }, "neither"],
  ["early and ready", { early, known: ready }, "healthy"],
  ["early and not ready", { early, known: notReady, verified: it }, "healthy"],
  ["unknown", { verified: it, suspects: it }, "neither"],
])("%s: %s", (_, overrides, want) => {
  const { healthy, doubtful } = judge(knowledge(overrides));
  expect({ healthy, doubtful }).toEqual({
    healthy: want === "healthy" ? [a] : [],
    doubtful: want === "doubtful" ? [a] : [],
  });
});

test("lists are the same when they name the same pods in the same order", () => {
  expect(sameDests([a, b], [dest("a"), dest("b")])).toBe(true);
  expect(sameDests([a, b], [b, a])).toBe(false);
  expect(sameDests([a], [a, c])).toBe(false);
  expect(sameDests([dest("a", "old")], [dest("a", "new")])).toBe(false);
});
