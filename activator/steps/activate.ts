import type { Dest } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import { type ForwardingEngine, PodFailure } from "../forward/engine.ts";
import type { Throttler } from "../throttle/throttler.ts";
import { type HeldLimits, HeldRequests } from "./held.ts";
import { type HoldParts, waitForGrant } from "./hold.ts";
import { mayTryAgain } from "./retry.ts";
import type { Step } from "./step.ts";

export interface ActivateParts extends Omit<HoldParts, "held">, HeldLimits {
  readonly throttler: Pick<Throttler, "reserve" | "acquire" | "snapshot">;
  readonly engine: ForwardingEngine;
  /** Puts a dest aside that refused or reset. */
  readonly suspect: (id: RevisionId, dest: Dest) => void;
  readonly onRetry: (revision: Revision) => void;
  /** Pods that one request is offered to. */
  readonly maxTries: number;
}

/** Takes a slot in a pod, waiting for one if need be, and forwards; on another pod if the first fails and it is safe. */
export const activate = (parts: ActivateParts): Step => {
  const hold: HoldParts = { ...parts, held: new HeldRequests(parts) };
  return async (exchange) => {
    const revision = exchange.revision!;
    let failures: PodFailure[] | undefined;
    let avoid: Set<string> | undefined;
    for (;;) {
      const grant = parts.throttler.reserve(revision, avoid) ?? (await waitForGrant(hold, exchange, avoid));
      try {
        return await parts.engine.forward(exchange, grant.dest);
      } catch (error) {
        if (!(error instanceof PodFailure)) throw error;
        if (isSuspicious(error)) parts.suspect(revision.id, grant.dest);
        (failures ??= []).push(error);
        if (!mayTryAgain(exchange.inbound, failures, parts.maxTries)) throw error;
        (avoid ??= new Set()).add(grant.dest.key);
        exchange.podActiveAt = 0;
        parts.onRetry(revision);
      } finally {
        // Not with `using`, which is slow: see the measure step.
        grant[Symbol.dispose]();
      }
    }
  };
};

/** A reused connection that died says nothing about the pod, nor does an answer that is not HTTP. */
const isSuspicious = ({ code, reused }: PodFailure): boolean =>
  code === "pod_refused" || (code === "pod_reset" && !reused);
