/** The embedded cluster, which makes a plan come true. */
import { isDeepStrictEqual } from "node:util";
import type { Clock, Millis } from "#core/clock.ts";
import type { Dests, Revisions, Scale, WakingPods } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { Plan, ServicePlan, WorkloadPlan } from "../plan/plan.ts";
import type { Pod, PodDeps } from "../pod/pod.ts";
import { Launchers } from "../pod/launchers.ts";
import { PortStock } from "../pod/port-stock.ts";
import { createDests } from "./dests.ts";
import { createRevisions } from "./revisions.ts";
import { LocalScale, type Scaled } from "./scale.ts";
import { WorldState } from "./state.ts";
import { createWakingPods } from "./waking-pods.ts";
import { Workload, type WorkloadDeps } from "./workload.ts";

export interface WorldDeps extends Pick<PodDeps, "env" | "run" | "line"> {
  readonly clock: Clock;
  /** Requests that are with a pod of a Service now, by the dest's key. */
  readonly busy: (id: RevisionId, key: string) => number;
}

/** Free ports at hand, so that pods can be started without waiting for any. */
const STOCK = 16;
/** Shells at hand, so that a few pods can be started without copying this process. */
const LAUNCHERS = 2;
/** How often a pod that is to go is asked whether it still has requests. */
const IDLE_CHECK_MS: Millis = 20;

/** The embedded cluster: what `core/kube` is on a real one, with processes for pods. */
export class World {
  readonly state = new WorldState();
  readonly dests: Dests;
  readonly revisions: Revisions;
  /** Only what the autoscaler may decide about. */
  readonly scaled: Revisions;
  readonly wakingPods: WakingPods;
  readonly #deps: WorldDeps;
  readonly #ports: PortStock;
  readonly #launchers: Launchers;
  /** Workloads that are no longer in the plan and still have pods. */
  readonly #leaving = new Set<Workload>();

  constructor(deps: WorldDeps) {
    this.#deps = deps;
    this.#ports = new PortStock(deps.clock, STOCK);
    this.#launchers = new Launchers(deps.clock, deps.env, LAUNCHERS);
    this.dests = createDests(this.state);
    this.revisions = createRevisions(this.state);
    this.scaled = createRevisions(this.state, ({ scaled }) => scaled);
    this.wakingPods = createWakingPods(this.state);
  }

  /** The scale of every Service, as one of its writers has it; `scaled` hears what this one changes. */
  scale(scaled?: Scaled): Scale {
    return new LocalScale(this.state, scaled);
  }

  async start(): Promise<void> {
    this.#launchers.fill();
    await this.#ports.fill();
  }

  /** Makes the plan the one in force. Pods of a changed spec are replaced without a gap. */
  apply(plan: Plan): void {
    const before = this.state.services;
    const after = new Map(plan.services.map((service) => [service.revision.id, sameOr(before, service)]));
    const known = new Set(this.state.workloads.keys());
    for (const workload of plan.workloads) this.#make(workload);
    this.state.services = after;
    for (const id of new Set([...before.keys(), ...after.keys()])) {
      if (before.get(id) !== after.get(id)) this.state.serviceChanged.tell(id);
    }
    for (const { id, replicas, scaledBy } of plan.workloads) {
      // A workload that is scaled keeps the pods it has; any other has what its manifest says.
      if (scaledBy === undefined || !known.has(id)) this.state.workloads.get(id)!.scale(replicas);
    }
    this.#removeAllBut(new Set(plan.workloads.map(({ id }) => id)));
  }

  /** Ends every pod in good order. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.#ports.close();
    this.#launchers.close();
    await Promise.all(this.#all().map((workload) => workload.stop()));
  }

  /** Ends every pod at once. */
  kill(): void {
    this.#launchers.close();
    for (const workload of this.#all()) workload.kill();
  }

  #all(): Workload[] {
    return [...this.state.workloads.values(), ...this.#leaving];
  }

  #make({ id, pod }: WorkloadPlan): void {
    const known = this.state.workloads.get(id);
    if (known === undefined) this.state.workloads.set(id, new Workload({ id, pod }, this.#workloadDeps()));
    else known.update(pod);
  }

  #removeAllBut(staying: ReadonlySet<string>): void {
    for (const [id, workload] of this.state.workloads) {
      if (staying.has(id)) continue;
      this.state.workloads.delete(id);
      this.#leaving.add(workload);
      void workload.stop().then(() => this.#leaving.delete(workload));
    }
  }

  #workloadDeps(): WorkloadDeps {
    const { clock, env, run, line } = this.#deps;
    const { podChanged } = this.state;
    return {
      pod: { clock, env, run, line, launchers: this.#launchers },
      ports: this.#ports,
      busy: (pod) => this.#busy(pod),
      idle: (pod) => this.#idle(pod),
      created: (workload, pod) => podChanged.tell({ workload, pod, change: { kind: "created" } }),
      changed: (workload, pod, change) => podChanged.tell({ workload, pod, change }),
    };
  }

  #busy(pod: Pod): number {
    let requests = 0;
    for (const service of this.state.services.values()) requests += this.#busyFor(service, pod);
    return requests;
  }

  #busyFor({ revision }: ServicePlan, pod: Pod): number {
    // Whatever port of the pod a Service sends to first is the dest's key.
    return pod.ports.reduce((sum, port) => sum + this.#deps.busy(revision.id, `${pod.host}:${port}`), 0);
  }

  async #idle(pod: Pod): Promise<void> {
    const { clock } = this.#deps;
    for (const end = clock.now() + pod.spec.graceMs; this.#busy(pod) > 0 && clock.now() < end;) {
      await clock.sleep(IDLE_CHECK_MS);
    }
  }
}

/** The same object as before for a Service that has not changed, so that nobody has to look at it again. */
const sameOr = (before: ReadonlyMap<RevisionId, ServicePlan>, service: ServicePlan): ServicePlan => {
  const known = before.get(service.revision.id);
  return known !== undefined && isDeepStrictEqual(known, service) ? known : service;
};
