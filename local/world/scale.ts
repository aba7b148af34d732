/** Reads and writes the scale of each Service, and counts its pods. */
import type { PodCounts, Scale } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import type { PodPhase } from "../pod/pod.ts";
import type { WorldState } from "./state.ts";
import type { Workload } from "./workload.ts";

/** Told of each change of a number of pods, before it is made. */
export type Scaled = (id: RevisionId, from: number, to: number) => void;

/** Thrown when a Service cannot be scaled; the message is for users. */
class ScaleError extends Error {
  override readonly name = "ScaleError";
  /** As HTTP has it, so that nobody tries again. */
  readonly code = 422;
}

/** `apply` starts processes in the tick of the call. */
export class LocalScale implements Scale {
  readonly #state: WorldState;
  readonly #scaled: Scaled;

  constructor(state: WorldState, scaled: Scaled = () => undefined) {
    this.#state = state;
    this.#scaled = scaled;
  }

  async wanted(id: RevisionId): Promise<number> {
    return sum(this.#workloads(id).map(({ wanted }) => wanted));
  }

  async apply(id: RevisionId, replicas: number, options?: { readonly onlyIf?: number }): Promise<boolean> {
    // Nothing is awaited before this: the processes run when the call returns.
    const [workload] = this.#workloads(id);
    const from = workload!.wanted;
    if (options?.onlyIf !== undefined && from !== options.onlyIf) return false;
    if (!this.#state.services.get(id)!.scaled) {
      throw new ScaleError(
        `Deployment ${workload!.id} has ${from} replicas, and Service ${id} has no annotation that lets it be scaled`,
      );
    }
    if (from !== replicas) this.#scaled(id, from, replicas);
    workload!.scale(replicas);
    return true;
  }

  async pods(id: RevisionId): Promise<PodCounts> {
    const workloads = this.#workloads(id);
    const phases = workloads.flatMap(({ pods }) => pods.map(({ phase }) => phase));
    const count = (phase: PodPhase): number => phases.filter((other) => other === phase).length;
    const [ready, notReady] = [count("ready"), count("starting") + count("backoff")];
    const wanted = sum(workloads.map((workload) => workload.wanted));
    return {
      ready,
      notReady,
      pending: Math.max(0, wanted - ready - notReady),
      terminating: count("stopping"),
    };
  }

  #workloads(id: RevisionId): Workload[] {
    const service = this.#state.services.get(id);
    if (service === undefined) throw new ScaleError(`there is no Service ${id}`);
    return service.workloads.map((workload) => this.#state.workloads.get(workload)!);
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
