import { expect, test } from "vitest";
import { silentLogger } from "#core/log.ts";
import type { Dest, Scale } from "#core/ports.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { costsOf, idleFirst, type IdleFirstDeps } from "./idle-first.ts";

const pod = (n: number): Dest => ({ key: `10.0.0.${n}:80`, host: `10.0.0.${n}`, ports: [80], pod: `p${n}` });

test("a pod is worth the requests that all activators together have in it", () => {
  const counts = [{ "10.0.0.1:80": 2 }, { "10.0.0.1:80": 1, "10.0.0.3:80": 1 }];
  expect([...costsOf([pod(1), pod(2), pod(3)], counts)]).toEqual([
    ["p1", 3],
    ["p2", 0],
    ["p3", 1],
  ]);
  expect(costsOf([pod(1), pod(2)], [{}]).size).toBe(0);
});

const setUp = (inFlight: IdleFirstDeps["inFlight"]) => {
  const clock = new FakeClock();
  const log: string[] = [];
  const scale: Scale = {
    wanted: () => Promise.resolve(3),
    pods: () => Promise.reject(new Error("not asked")),
    apply: (_id, replicas) => {
      log.push(`scale ${replicas}`);
      return Promise.resolve(true);
    },
  };
  const told = idleFirst(scale, {
    clock,
    log: silentLogger,
    pods: () => [pod(1), pod(2), pod(3)],
    inFlight,
    write: (_id, costs) => {
      log.push(`costs ${[...costs].join(" ")}`);
      return Promise.resolve();
    },
  });
  return { clock, log, told };
};

test("before some pods go, it is told which are idle", async () => {
  const { log, told } = setUp(() => Promise.resolve([{ "10.0.0.2:80": 4 }]));
  await told.apply("default/a", 2, { onlyIf: 3 });
  await told.apply("default/a", 1);
  expect(log).toEqual(["costs p1,0 p2,4 p3,0", "scale 2", "costs p1,0 p2,4 p3,0", "scale 1"]);
});

test("not when all go, when more come, or for a wake", async () => {
  const { log, told } = setUp(() => Promise.reject(new Error("must not be asked")));
  await told.apply("default/a", 0);
  await told.apply("default/a", 5);
  await told.apply("default/a", 1, { onlyIf: 0 });
  expect(log).toEqual(["scale 0", "scale 5", "scale 1"]);
});

test("activators that do not answer do not hold it up", async () => {
  const { clock, log, told } = setUp(() => new Promise(() => undefined));
  const scaled = told.apply("default/a", 1);
  await clock.advance(1000);
  await scaled;
  expect(log).toEqual(["scale 1"]);
  expect(clock.pending).toBe(0);
});
