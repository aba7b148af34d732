/** Tells log, metrics and events what happens. */
import type { Clock } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import { countChange } from "./causes.ts";
import type { AutoscalerEvents } from "./events.ts";
import { explain } from "./explain/explain.ts";
import { causeOf, reasonOf } from "./explain/reason.ts";
import type { AutoscalerMetrics } from "./metrics.ts";
import type { ScalerEvents } from "./multi-scaler.ts";

interface TellDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: AutoscalerMetrics;
  readonly events: AutoscalerEvents;
}

/** Tells log, metrics and events what happens: every decision at debug, every change of a workload at info. */
export const tell = ({ clock, log, metrics, events }: TellDeps): ScalerEvents => ({
  late: metrics.late,
  received: metrics.received,
  decided: (subject) => {
    if (!log.isLevelEnabled("debug")) return;
    log.debug({ service: subject.id, why: explain(subject, clock.now()).text }, "decided");
  },
  changed: (subject, { from, to }) => {
    const [cause, reason] = [causeOf(subject), reasonOf(subject)];
    log.info({ service: subject.id, from, to, cause, reason }, "scaled");
    subject.changes = countChange(subject.changes, to > from ? "up" : "down", cause);
    events({ kind: "scaled", id: subject.id, from, to, cause, reason, at: clock.now() });
  },
  failed: (subject) => {
    const { text, times, at, retryAt } = subject.failure!;
    const retryMs = retryAt - at;
    log.warn({ service: subject.id, err: text, times, retryMs }, "workload could not be read or scaled");
    subject.failures++;
    const wanted = subject.plan?.want ?? -1;
    events({ kind: "scale-failed", id: subject.id, wanted, error: text, retryMs, at });
  },
});
