import type { Clock, Millis } from "#core/clock.ts";
import type { Claim } from "#core/kube/claim.ts";
import type { RevisionId } from "#core/revision.ts";
import type { RouteWrite } from "./route-state.ts";

/** What a user should hear about the routing of a Service. */
export interface RouteNote {
  readonly claim: Claim;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

export interface RouteNews {
  /** A claim was looked at: a refusal is told of. */
  seen(claim: Claim): void;
  written(claim: Claim, write: RouteWrite): void;
  gone(id: RevisionId): void;
}

/** A workload may be created a moment after its Service; a refusal that passes is told of only after this time. */
const PATIENCE_MS: Millis = 5000;

/** Turns what happens to a route into notes for the user; each refusal is told once, until it is another one. */
export const createNews = (clock: Clock, tell: (note: RouteNote) => void): RouteNews => {
  const pending = new Map<RevisionId, { text: string; timer: Disposable }>();
  const drop = (id: RevisionId): void => {
    pending.get(id)?.timer[Symbol.dispose]();
    pending.delete(id);
  };
  return {
    seen: (claim) => {
      const { refusal, annotated, id } = claim;
      if (refusal === undefined || !annotated) return drop(id);
      const { reason, message, remedy, final } = refusal;
      const text = `${reason} ${message}`;
      if (pending.get(id)?.text === text) return;
      drop(id);
      const note: RouteNote = { claim, type: "Warning", reason, message: `${message}; ${remedy}` };
      const timer = clock.after(final ? 0 : PATIENCE_MS, () => tell(note));
      pending.set(id, { text, timer });
    },
    written: (claim, write) => {
      const message = messageOf(claim, write);
      if (message !== undefined) tell({ claim, type: "Normal", ...message });
    },
    gone: drop,
  };
};

const messageOf = ({ wanted, service }: Claim, write: RouteWrite) => {
  if (write.verb === "scale") {
    return {
      reason: "Restored",
      message: `workload scaled back to ${write.replicas} before the Service is given back`,
    };
  }
  if (write.verb !== "merge" || write.resource !== "services") return undefined;
  if (!wanted)
    return { reason: "GivenBack", message: "the Service has its selector back and is served by its pods" };
  return service.spec.selector === undefined
    ? undefined
    : {
        reason: "TakenOver",
        message: "requests go through the activator, which wakes the workload when it is at zero",
      };
};
