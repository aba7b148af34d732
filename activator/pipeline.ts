import { type ActivateParts, activate } from "./steps/activate.ts";
import { type DeadlineParts, deadline } from "./steps/deadline.ts";
import { health } from "./steps/health.ts";
import { type IgnoreParts, ignore } from "./steps/ignore.ts";
import { type MeasureParts, measure } from "./steps/measure.ts";
import { probe } from "./steps/probe.ts";
import { rescue } from "./steps/rescue.ts";
import { revision } from "./steps/revision.ts";
import { type Next, compose } from "./steps/step.ts";
import { type WaitingPageParts, waitingPage } from "./steps/waiting-page.ts";
import type { Logger } from "#core/log.ts";
import type { Revisions } from "#core/ports.ts";

export interface PipelineParts
  extends ActivateParts, DeadlineParts, IgnoreParts, MeasureParts, WaitingPageParts {
  readonly throttler: ActivateParts["throttler"];
  readonly waker: ActivateParts["waker"];
  readonly log: Logger;
  readonly revisions: Revisions;
  /** Why no request should be sent here; undefined = all is well. */
  readonly problem: () => string | undefined;
}

/** The way of a request, first step first. What any step throws comes back to the first one. */
export const buildPipeline = (parts: PipelineParts): Next =>
  compose([
    rescue(parts),
    health(parts.problem),
    probe,
    revision(parts.revisions),
    ignore(parts),
    measure(parts),
    waitingPage(parts),
    deadline(parts),
    activate(parts),
  ]);
