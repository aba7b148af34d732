import type { Claims } from "#core/kube/claims.ts";
import type { EventRecorder } from "#core/kube/event-recorder.ts";
import type { AutoscalerDeps } from "../autoscaler/build.ts";

/** What the autoscaler tells of a Service as Kubernetes Events on it. */
export const serviceEvents =
  (claims: Claims, events: EventRecorder): NonNullable<AutoscalerDeps["events"]> =>
  (event) => {
    if (event.kind === "config-rejected") return;
    const service = claims.get(event.id)?.service;
    if (service === undefined) return;
    const about = { apiVersion: "v1", kind: "Service", metadata: service.metadata };
    if (event.kind === "scaled") {
      const message = `workload scaled from ${event.from} to ${event.to}: ${event.reason}`;
      events.record({ about, type: "Normal", reason: "Scaled", message });
      return;
    }
    const message = `workload cannot be scaled to ${event.wanted}: ${event.error}`;
    events.record({ about, type: "Warning", reason: "ScaleFailed", message });
  };
