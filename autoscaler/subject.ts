/** What is remembered of one revision from one look to the next. */
import type { Settings } from "#core/annotations/settings.ts";

import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Millis } from "#core/clock.ts";
import type { PodCounts } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { ChangeCounts } from "./causes.ts";
import type { MetricSpec } from "./collect/collector.ts";
import type { AutoscalerState } from "./decide/autoscaler.ts";
import type { DeciderSpec, DeciderStatus } from "./decide/decider.ts";
import type { Evaluated } from "./evaluated.ts";
import { Reporters } from "./receive/reporters.ts";
import type { Resolved } from "./resolver.ts";
import type { Condition } from "./scale/active.ts";
import type { ScalePlan } from "./scale/scale-plan.ts";

/** What went wrong last; forgotten when it works again. */
interface Failure {
  readonly at: Millis;
  readonly text: string;
  /** In a row. */
  readonly times: number;
  readonly retryAt: Millis;
}

/** Everything the autoscaler remembers of one revision between two looks at it. */
export interface Subject {
  readonly id: RevisionId;
  revision: Revision;
  config: AutoscalerConfig;
  settings: Settings;
  spec: DeciderSpec;
  readonly reporters: Reporters;
  /** Since when we look after it, and so since when activators are in its path. */
  readonly since: Millis;
  /** Since when its load is known without a gap; moves when somebody else scales it up. */
  coveredSince: Millis;
  state: AutoscalerState | undefined;
  status: DeciderStatus;
  evaluated: Evaluated | undefined;
  counts: PodCounts | undefined;
  /** What the workload was told when last read or written. */
  told: number | undefined;
  condition: Condition;
  initialised: boolean;
  plan: ScalePlan | undefined;
  failure: Failure | undefined;
  /** Failures of all time, and changes of the workload by cause. */
  failures: number;
  changes: ChangeCounts | undefined;
}

/** Activators are always in the path, so nothing is asked of pods: silence of all means no load. */
export const metricSpec = ({ stableWindow, panicWindow, algorithm }: Settings): MetricSpec => ({
  stableWindow,
  panicWindow,
  algorithm,
  scraped: false,
});

export const newSubject = (
  revision: Revision,
  config: AutoscalerConfig,
  { settings, spec }: Resolved,
  now: Millis,
): Subject => ({
  id: revision.id,
  revision,
  config,
  settings,
  spec,
  reporters: new Reporters(),
  since: now,
  coveredSince: now,
  state: undefined,
  status: { desired: -1, excessBurstCapacity: 0 },
  evaluated: undefined,
  counts: undefined,
  told: undefined,
  condition: { state: "activating", reason: "Queued", since: now },
  initialised: false,
  plan: undefined,
  failure: undefined,
  failures: 0,
  changes: undefined,
});
