import type { Claims } from "#core/kube/claims.ts";
import type { EventRecorder } from "#core/kube/event-recorder.ts";
import type { AutoscalerDeps } from "../autoscaler/build.ts";

/** What the autoscaler tells of a Service as Kubernetes Events on it. */
export const serviceEvents =
  (claims: Claims, events: EventRecorder): NonNullable<AutoscalerDeps["events"]> =>
  (event) => {
    const claim = claims.get(event.id);
    if (claim === undefined) return;
    const { service } = claim;
    const about = { apiVersion: "v1", kind: "Service", metadata: service.metadata };
    if (event.kind === "scaled") {
      const message = `workload scaled from ${event.from} to ${event.to}: ${event.reason}`;
      events.record({ about, type: "Normal", reason: "Scaled", message });
      return;
    }
    const known = event.wanted >= 0;
    // Nobody counts the pods of a Service before it has its private one; that is the routing's next step.
    if (!known && claim.privateService === undefined) return;
    const message = known
      ? `workload cannot be scaled to ${event.wanted}: ${event.error}`
      : `workload cannot be read: ${event.error}`;
    events.record({ about, type: "Warning", reason: "ScaleFailed", message });
  };
