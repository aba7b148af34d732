import * as fc from "fast-check";
import { expect, test } from "vitest";

import { SELECTOR } from "#core/annotations/selector.ts";
import { RouteModel } from "../../test/helpers/route-model.ts";
import { LINGER_MS } from "./give-back.ts";
import { planRoute } from "./plan.ts";

/** What can happen at any moment, in any order. */
const moves = {
  /** The leader plans, and is killed after `n` writes. */
  plan: (model: RouteModel, n: number) => {
    const { writes, readOthers } = planRoute(model.state());
    if (readOthers) model.othersKnown = true;
    for (const write of writes.slice(0, n)) model.perform(write);
  },
  annotate: (model: RouteModel) => void (model.wanted = true),
  deannotate: (model: RouteModel) => void (model.wanted = false),
  reapply: (model: RouteModel) => model.change({ spec: { selector: { app: "hello" } } }),
  touch: (model: RouteModel) => model.change({ metadata: { annotations: { touched: "1" } } }),
  endpoints: (model: RouteModel) => model.endpointController(model.service),
  mirror: (model: RouteModel) => model.mirroringController(),
  workload: (model: RouteModel) => model.workload(),
  listen: (model: RouteModel) => model.activatorsListen(),
  second: (model: RouteModel) => void (model.activators = ["10.0.0.1", "10.0.0.2"]),
  only: (model: RouteModel) => void (model.activators = ["10.0.0.1"]),
  other: (model: RouteModel) => void (model.activators = ["10.0.0.2"]),
  limit: (model: RouteModel, n: number) => void (model.mostActivators = n),
  /** All stop being ready, but go on listening. */
  unready: (model: RouteModel) => void (model.activators = []),
  time: (model: RouteModel) => void (model.unroutedMs = model.ours.length === 0 ? LINGER_MS : 0),
  idle: (model: RouteModel) => {
    const taken = model.service.spec.selector === undefined && model.others.length === 0;
    if (model.wanted && taken) model.replicas = 0;
  },
} as const;
type Move = { name: keyof typeof moves; n: number };

const move: fc.Arbitrary<Move> = fc.record({
  name: fc.oneof(
    { weight: 10, arbitrary: fc.constant("plan" as const) },
    { weight: 10, arbitrary: fc.constantFrom(...(Object.keys(moves) as (keyof typeof moves)[])) },
  ),
  n: fc.constantFrom(0, 1, 2, 9, 9, 9),
});

/** Lets everybody move in turn until the plan is empty. */
const converge = (model: RouteModel) => {
  for (let i = 0; i < 60; i++) {
    const { writes, readOthers, againMs, probes } = planRoute(model.state());
    const finished = writes.length === 0 && !readOthers && againMs === undefined && probes.length === 0;
    if (finished && i > 8) return;
    moves.plan(model, 9);
    for (const name of ["listen", "endpoints", "mirror", "workload", "time"] as const) moves[name](model);
    // A leader reads again after a while, since the controllers may have acted on what they knew before.
    if (finished) model.othersKnown = true;
  }
  throw new Error("does not converge");
};

const afterwards = (model: RouteModel) => {
  const { metadata, spec } = model.service;
  if (model.wanted) {
    expect(spec.selector).toBeUndefined();
    expect(metadata.annotations?.[SELECTOR]).toBe("app=hello");
    expect(model.others).toEqual([]);
    expect(model.endpoints).toBe(false);
    const most = Math.min(model.activators.length, Math.max(1, model.mostActivators));
    expect(model.ours.map(({ endpoints }) => endpoints!.length)).toEqual([most]);
    expect(model.privateService?.spec.selector).toEqual({ app: "hello" });
    return;
  }
  expect(spec.selector).toEqual({ app: "hello" });
  expect(metadata.annotations).not.toHaveProperty([SELECTOR]);
  expect(model.ours).toEqual([]);
  expect(model.privateService).toBeUndefined();
  expect(model.others.length).toBe(1);
};

/** Where a history begins: untouched, routed by us, routed by us and at zero. */
const beginnings = {
  untouched: () => undefined,
  routed: (model: RouteModel) => {
    model.wanted = true;
    converge(model);
  },
  asleep: (model: RouteModel) => {
    beginnings.routed(model);
    model.replicas = 0;
    model.workload();
  },
};

test("whatever happens in between, a Service that answers goes on answering, and ends as wanted", () => {
  const beginning = fc.constantFrom("untouched", "routed", "asleep");
  fc.assert(
    fc.property(fc.array(move, { maxLength: 60 }), beginning, (list, begin) => {
      const model = new RouteModel(2);
      beginnings[begin](model);
      const history: string[] = [begin];
      for (const { name, n } of list) {
        moves[name](model, n);
        history.push(`${name}${n}`);
        if (!model.answers || model.deaf.length > 0) throw new Error(`no answer after ${history.join()}`);
      }
      if (model.activators.length === 0) moves.only(model);
      converge(model);
      afterwards(model);
    }),
    { numRuns: 2000 },
  );
});

test("annotated and given back, the Service equals the original, and its replicas are there again", () => {
  const model = new RouteModel(3);
  const original = structuredClone(model.service);
  model.wanted = true;
  converge(model);
  model.replicas = 0;
  model.workload();
  model.wanted = false;
  converge(model);
  expect({ ...model.service.metadata, resourceVersion: "1" }).toEqual(original.metadata);
  expect(model.service.spec).toEqual(original.spec);
  expect(model.replicas).toBe(3);
});

test("nothing is written for a Service that was never ours", () => {
  expect(planRoute(new RouteModel(1).state()).writes).toEqual([]);
});

test("in haste a Service is given back though no pod gets ready, and nobody is waited for", () => {
  const model = new RouteModel(1);
  model.wanted = true;
  converge(model);
  model.wanted = false;
  model.hasty = true;
  model.pods = 0;
  for (let i = 0; i < 4; i++) moves.plan(model, 9);
  expect(model.service.spec.selector).toEqual({ app: "hello" });
  expect(model.ours).toEqual([]);
  expect(model.privateService).toBeUndefined();
});
