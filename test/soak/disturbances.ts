import type { Record } from "./outcome.ts";

/** What was done to a Service on purpose. */
export interface Disturbance {
  readonly service: string;
  /** A pod killed while it served; starts that were made to fail. */
  readonly kind: "killed" | "crashes";
  readonly from: number;
  /** When it was over; of crashes when a pod was ready again. */
  to: number;
}

/** A pod that is gone is noticed by its connections at once, by the cluster a little later. */
const NOTICED_MS = 1500;

/** What a request may see whose pod is killed: it may not be sent twice, or its answer has begun. */
const LOST_POD = new Set([
  "502 pod_reset",
  "502 pod_refused",
  "cut",
  "grpc UNAVAILABLE",
  "grpc INTERNAL",
  "websocket 1006",
]);
/** What a request may see that comes while no pod can start; to a HEAD the answer has no body that names it. */
const NO_START = new Set(["503 start_failed", "503", "grpc UNAVAILABLE", "cut", "websocket 503"]);

/** Everything that was done, and what it explains. */
export class Disturbances {
  readonly #all: Disturbance[] = [];

  add(disturbance: Disturbance): void {
    this.#all.push(disturbance);
  }

  count(kind: Disturbance["kind"]): number {
    return this.#all.filter((one) => one.kind === kind).length;
  }

  /** Why a record failed: the disturbance's name; undefined = nothing that was done explains it. */
  explain({ service, repeatable, from, to, outcome }: Record): string | undefined {
    if (outcome.kind !== "failed") return undefined;
    const { code, begun } = outcome;
    const near = this.#all.filter(
      (one) => one.service === service && one.from <= to && one.to + NOTICED_MS >= from,
    );
    const crashed = NO_START.has(code) && near.some(({ kind }) => kind === "crashes");
    if (crashed) return "crashes";
    if (!LOST_POD.has(code)) return undefined;
    const killed = near.filter(({ kind }) => kind === "killed");
    if (!repeatable || begun) return killed.length > 0 ? "killed" : undefined;
    // It was sent once more to another pod, and no third time: the request itself might be what kills them.
    return killed.filter((one) => one.from >= from && one.from <= to).length >= 2 ? "killed" : undefined;
  }

  /** Those near a record, for evidence. */
  near({ service, from, to }: Record): readonly Disturbance[] {
    return this.#all.filter(
      (one) => one.service === service && one.from - 5000 <= to && one.to + 5000 >= from,
    );
  }
}
