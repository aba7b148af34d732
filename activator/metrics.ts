import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Millis } from "#core/clock.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import { RequestFigures } from "./request-figures.ts";
import { type ColdStart, phaseDurations, wakePhases } from "./wake/cold-start.ts";

export interface LiveFigures {
  readonly revisions: () => readonly Revision[];
  /** Requests of a revision that are with a pod, and those that wait for one. */
  readonly traffic: (revision: Revision) => { readonly inFlight: number; readonly queued: number };
  readonly clientConnections: () => number;
  readonly podConnections: () => number;
}

type Service = "namespace" | "service";
const service = ["namespace", "service"] as const;
const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

const labelsOf = ({ namespace, name }: Revision): Record<Service, string> => ({ namespace, service: name });
const labelsOfId = (id: RevisionId): Record<Service, string> => {
  const [namespace = "", name = ""] = id.split("/");
  return { namespace, service: name };
};

const makers = (registry: Registry) => ({
  counter: <L extends string>(name: string, labelNames: readonly L[], help: string) =>
    new Counter({ name: `pilotlight_${name}`, help, labelNames, registers: [registry] }),
  seconds: <L extends string>(name: string, labelNames: readonly L[], help: string) =>
    new Histogram({
      name: `pilotlight_${name}_seconds`,
      help,
      labelNames,
      buckets,
      registers: [registry],
    }),
});

/** The activator's metrics. What can be read when it is asked for is read then, not kept. */
export class ActivatorMetrics {
  readonly #requests: RequestFigures;
  readonly #queueWait: Histogram<Service>;
  readonly #retries: Counter<Service>;
  readonly #refused: Counter<"code">;
  readonly #coldStarts: Counter<Service | "outcome">;
  readonly #coldStart: Histogram<Service>;
  readonly #coldPhase: Histogram<Service | "phase">;

  constructor(registry: Registry, live: LiveFigures) {
    const { counter, seconds } = makers(registry);
    this.#requests = new RequestFigures(registry, {
      counter: {
        name: "pilotlight_requests_total",
        help: "Requests by Service and status; 499 = the client went away; a TCP connection is one request, 200 when it was joined with a pod.",
      },
      histogram: {
        name: "pilotlight_request_duration_seconds",
        help: "From a request's arrival to the end of its answer, waiting included; without upgraded connections.",
      },
      bounds: buckets,
    });
    this.#queueWait = seconds(
      "queue_wait",
      service,
      "Time that requests waited for a pod, of those that waited.",
    );
    this.#retries = counter(
      "retries_total",
      service,
      "Requests offered to another pod after one had failed.",
    );
    this.#refused = counter("refused_total", ["code"], "What clients sent that was not a request.");
    this.#coldStarts = counter("cold_starts_total", [...service, "outcome"], "Attempts to wake a Service.");
    this.#coldStart = seconds(
      "cold_start",
      service,
      "From the first request at zero to the first pod that accepts.",
    );
    this.#coldPhase = seconds(
      "cold_start_phase",
      [...service, "phase"],
      "Each phase, from the end of the one before.",
    );
    liveGauges(registry, live);
  }

  requestEnded(revision: Revision, code: number, durationMs: Millis | undefined): void {
    this.#requests.ended(revision, code, durationMs);
  }

  waited(revision: Revision, ms: Millis): void {
    this.#queueWait.observe(labelsOf(revision), ms / 1000);
  }

  retried(revision: Revision): void {
    this.#retries.inc(labelsOf(revision));
  }

  refused(code: string): void {
    this.#refused.inc({ code });
  }

  coldStarted(start: ColdStart): void {
    const labels = labelsOfId(start.id);
    this.#coldStarts.inc({ ...labels, outcome: start.outcome });
    if (start.outcome !== "accepted") return;
    this.#coldStart.observe(labels, (start.phases.accepted ?? 0) / 1000);
    for (const [phase, ms] of phaseDurations(start)) this.#coldPhase.observe({ ...labels, phase }, ms / 1000);
  }

  /** Forgets a revision that is gone: label sets do not pile up. */
  remove(id: RevisionId): void {
    const labels = labelsOfId(id);
    this.#requests.remove(id);
    for (const metric of [this.#queueWait, this.#retries, this.#coldStart]) metric.remove(labels);
    for (const outcome of ["accepted", "failed"]) this.#coldStarts.remove({ ...labels, outcome });
    for (const phase of wakePhases) this.#coldPhase.remove({ ...labels, phase });
  }
}

const liveGauges = (registry: Registry, live: LiveFigures): void => {
  const registers = [registry];
  const perService = (name: string, help: string, read: (revision: Revision) => number) =>
    new Gauge({
      name: `pilotlight_${name}`,
      help,
      labelNames: service,
      registers,
      collect() {
        this.reset();
        for (const revision of live.revisions()) this.set(labelsOf(revision), read(revision));
      },
    });
  const plain = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: `pilotlight_${name}`,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  perService(
    "requests_in_flight",
    "Requests that are with a pod, upgraded connections included.",
    (revision) => live.traffic(revision).inFlight,
  );
  perService("requests_queued", "Requests that wait for a pod.", (revision) => live.traffic(revision).queued);
  plain("client_connections", "Connections of clients.", live.clientConnections);
  plain("pod_connections", "Connections to pods.", live.podConnections);
};
