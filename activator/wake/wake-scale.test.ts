import { expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { MemoryWorld } from "../../test/helpers/memory-world.ts";
import { failureKind, raiseFromZero } from "./wake-scale.ts";

const id = "default/hello";
const never = new AbortController().signal;
const coded = (fields: object): Error => Object.assign(new Error("the cluster's words"), fields);

test.each([
  [{ code: 404 }, "refused"],
  [{ code: 403 }, "refused"],
  [{ statusCode: 422 }, "refused"],
  [{ code: 409 }, "unreachable"],
  [{ code: 429 }, "unreachable"],
  [{ code: 503 }, "unreachable"],
  [{ code: "ECONNREFUSED" }, "unreachable"],
  [{ cause: { code: "ECONNRESET" } }, "unreachable"],
  [{ code: "SOMETHING" }, "unknown"],
  [{}, "unknown"],
])("a failure with %o is %s", (fields, kind) => {
  expect(failureKind(coded(fields))).toBe(kind);
});

/** Raises the scale with these failures in its way; the outcome and how often it was tried. */
const raise = async (refusals: Error[]) => {
  const world = new MemoryWorld();
  world.refusals.push(...refusals);
  const clock = new FakeClock();
  const outcome = raiseFromZero({ scale: world.scale, clock }, id, 3, never).then(
    () => "raised",
    (error: unknown) => error,
  );
  await clock.advance(0);
  await clock.advance(60_000);
  return { outcome: await outcome, tries: world.applied.length, world };
};

test("a workload at 0 is told, guarded by its being at 0", async () => {
  const { outcome, world } = await raise([]);
  expect(outcome).toBe("raised");
  expect(world.applied).toEqual([{ id, replicas: 3, onlyIf: 0 }]);
  expect(world.replicas.get(id)).toBe(3);
});

test("a refusal is final, with the cluster's own words", async () => {
  const { outcome, tries } = await raise([coded({ code: 404 })]);
  expect(outcome).toMatchObject({ code: "scale_failed", detail: "the cluster's words", retryAfter: 1 });
  expect(tries).toBe(1);
});

test("what cannot be told is tried three times", async () => {
  expect(await raise([coded({}), coded({})])).toMatchObject({ outcome: "raised", tries: 3 });
  expect(await raise(Array.from({ length: 9 }, () => coded({})))).toMatchObject({
    outcome: { code: "scale_failed" },
    tries: 3,
  });
});

test("a cluster that cannot be reached is awaited for half a minute", async () => {
  const away = () => coded({ code: "ECONNREFUSED" });
  expect(await raise(Array.from({ length: 20 }, away))).toMatchObject({ outcome: "raised", tries: 21 });
  expect(await raise(Array.from({ length: 99 }, away))).toMatchObject({
    outcome: { code: "scale_failed" },
    tries: 30,
  });
});

test("an aborted one stops trying", async () => {
  const world = new MemoryWorld();
  world.refusals.push(coded({}), coded({}));
  const clock = new FakeClock();
  const stop = new AbortController();
  const outcome = raiseFromZero({ scale: world.scale, clock }, id, 1, stop.signal).catch(
    (error: unknown) => error,
  );
  await clock.advance(0);
  await clock.advance(10);
  stop.abort(new Error("stopped"));
  expect(await outcome).toMatchObject({ message: "stopped" });
  expect(world.applied).toHaveLength(1);
});
