/** A Deployment, which keeps the pods it is told to have, and replaces them when their spec changes. */
import { isDeepStrictEqual } from "node:util";
import type { PodSpec, WorkloadId, WorkloadPlan } from "../plan/plan.ts";
import { Pod, type PodChange, type PodDeps } from "../pod/pod.ts";
import type { PortStock } from "../pod/port-stock.ts";
import { podName } from "./pod-name.ts";

export interface WorkloadDeps {
  readonly pod: Omit<PodDeps, "changed">;
  readonly ports: PortStock;
  /** Requests that are with a pod now. */
  busy(pod: Pod): number;
  /** Resolves when no request is with a pod any more, or when it has had its grace period. */
  idle(pod: Pod): Promise<void>;
  /** A pod was made, and its process is not started yet. */
  created(workload: Workload, pod: Pod): void;
  changed(workload: Workload, pod: Pod, change: PodChange): void;
}

/**
 * A Deployment: keeps as many pods as it is told to, all of the present spec. When the spec changes, new pods
 * are started first and old ones go as the new ones become ready, so that there is always a ready one.
 */
export class Workload {
  readonly id: WorkloadId;
  #spec: PodSpec;
  #wanted = 0;
  #pods: readonly Pod[] = [];
  readonly #deps: WorkloadDeps;

  constructor({ id, pod }: Pick<WorkloadPlan, "id" | "pod">, deps: WorkloadDeps) {
    this.id = id;
    this.#spec = pod;
    this.#deps = deps;
  }

  get wanted(): number {
    return this.#wanted;
  }

  /** Every pod that is not gone, in order of their making. */
  get pods(): readonly Pod[] {
    return this.#pods;
  }

  /** Tells it how many pods to have. What can be started is started in this very tick. */
  scale(wanted: number): void {
    this.#wanted = wanted;
    this.reconcile();
  }

  /** Makes `spec` what its pods are made from. */
  update(spec: PodSpec): void {
    if (isDeepStrictEqual(spec, this.#spec)) return;
    this.#spec = spec;
    this.reconcile();
  }

  /** Compares what is with what should be. */
  reconcile(): void {
    const live = this.#pods.filter(({ phase }) => phase !== "stopping");
    const current = live.filter(({ spec }) => spec === this.#spec);
    const old = live.filter(({ spec }) => spec !== this.#spec);
    const ready = current.filter(({ phase }) => phase === "ready").length;
    this.#stopSome(current, current.length - this.#wanted);
    this.#stopSome(old, old.length - Math.max(0, this.#wanted - ready));
    this.#startSome(this.#wanted - current.length);
  }

  /** Takes every pod out of service and ends it when it is idle. Resolves when all are gone. */
  async stop(): Promise<void> {
    this.#wanted = 0;
    await Promise.all(this.#pods.map((pod) => pod.stop(this.#deps.idle(pod))));
  }

  /** Ends every pod at once. */
  kill(): void {
    this.#wanted = 0;
    for (const pod of this.#pods) pod.kill();
  }

  #changed(pod: Pod, change: PodChange): void {
    if (change.kind === "gone") this.#pods = this.#pods.filter((other) => other !== pod);
    this.#deps.changed(this, pod, change);
    if (change.kind !== "started" && change.kind !== "stopping") this.reconcile();
  }

  #startSome(count: number): void {
    if (count <= 0) return;
    const each = this.#spec.ports.length;
    const ports = this.#deps.ports.take(count * each);
    if (ports === undefined) {
      void this.#deps.ports.fill(count * each).then(() => this.reconcile());
      return;
    }
    const name = this.id.slice(this.id.indexOf("/") + 1);
    const pods = Array.from({ length: count }, (_, i) => {
      const own = ports.slice(i * each, (i + 1) * each);
      const changed = (pod: Pod, change: PodChange): void => this.#changed(pod, change);
      return new Pod({ name: podName(name), spec: this.#spec, ports: own }, { ...this.#deps.pod, changed });
    });
    this.#pods = [...this.#pods, ...pods];
    for (const pod of pods) {
      this.#deps.created(this, pod);
      pod.start();
    }
  }

  /** Ends `count` of `pods`: those that are not ready first, then those with the fewest requests, then the youngest. */
  #stopSome(pods: readonly Pod[], count: number): void {
    if (count <= 0) return;
    const order = pods
      .map((pod, age) => ({ pod, age, ready: pod.phase === "ready" ? 1 : 0, busy: this.#deps.busy(pod) }))
      .sort((a, b) => a.ready - b.ready || a.busy - b.busy || b.age - a.age);
    for (const { pod } of order.slice(0, count)) void pod.stop(this.#deps.idle(pod));
  }
}
