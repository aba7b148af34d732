/** Reads manifests to the end, and again whenever they are saved. */
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "#core/clock.ts";
import { accepted, type Draft, type Problem } from "#core/manifest/problem.ts";
import type { Route } from "#core/ports.ts";
import type { LocalEvent } from "./events.ts";
import { listening } from "./listening.ts";
import { buildPlan } from "./plan/build.ts";
import type { Plan } from "./plan/plan.ts";
import { assignRoutes } from "./plan/routes.ts";
import { watchManifests } from "./watch.ts";

/** A plan with the ports of this machine on which its Services listen. */
export interface Layout {
  readonly plan: Plan;
  readonly routes: readonly Route[];
}

interface ManifestsOptions {
  readonly named: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Reads manifests to the end: what is to run and where it listens, or every problem. Starts nothing. */
export const readLayout = async (
  { named, env }: ManifestsOptions,
  known: readonly Route[] = [],
): Promise<Draft<Layout, Problem>> => {
  const plan = buildPlan(named, env);
  if (!plan.ok) return plan;
  const routes = await assignRoutes(plan.value, known);
  return routes.ok ? accepted({ plan: plan.value, routes: routes.value }) : routes;
};

interface FollowOptions extends ManifestsOptions {
  readonly clock: Clock;
  readonly tell: (event: LocalEvent) => void;
  readonly apply: (layout: Layout) => void;
  readonly admin: string;
}

/**
 * Applies manifests again whenever they are saved. What cannot be used is told, and what was in force stays in
 * force. Ends when disposed.
 */
export const followManifests = (first: Layout, options: FollowOptions): Disposable => {
  const { named, clock, tell } = options;
  let current = first;
  let told: readonly Problem[] = [];
  const reload = async (): Promise<void> => {
    const draft = await readLayout(options, current.routes);
    if (!draft.ok) {
      // An editor that writes twice would tell everything twice.
      if (isDeepStrictEqual(draft.problems, told)) return;
      told = draft.problems;
      return draft.problems.forEach((problem) => tell({ event: "problem", fatal: false, ...problem }));
    }
    told = [];
    const before = current;
    if (sameLayout(before, draft.value)) return;
    current = draft.value;
    options.apply(current);
    tell({ event: "applied", files: named });
    const services = listening(current.plan, current.routes);
    if (!isDeepStrictEqual(services, listening(before.plan, before.routes))) {
      tell({ event: "ready", services, admin: options.admin });
    }
  };
  let last = Promise.resolve();
  return watchManifests(named, {
    clock,
    changed: () => (last = last.then(reload)),
    failed: ({ message }) => tell({ event: "not-watched", error: message }),
  });
};

/** Whether nothing has changed but, perhaps, where in a file something is written. */
const sameLayout = (a: Layout, b: Layout): boolean => {
  const what = ({ plan: { services, workloads, autoscalerConfig }, routes }: Layout) => [
    services,
    workloads,
    autoscalerConfig,
    routes,
  ];
  return isDeepStrictEqual(what(a), what(b));
};
