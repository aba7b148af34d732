/** Admission of a Service: what is changed, refused and warned of. */
import type { AutoscalerConfig, ConfigSource } from "#core/autoscaler-config.ts";
import type { Rules } from "#core/divergences.ts";
import {
  allowed,
  decodeObject,
  denied,
  type KubeObject,
  patched,
  type ReviewRequest,
  type Verdict,
} from "../review.ts";
import type { Workloads } from "../ports.ts";
import { moveSelector } from "./selector.ts";
import { isForeign, serviceSchema, type ServiceView, viewService } from "./service-view.ts";
import { annotationProblems, problemText, settingsUnchanged } from "./validate.ts";
import { behindService, slowStarts } from "./workload.ts";
import { serviceWarnings, warningText } from "./warnings.ts";

export interface ServiceAdmissionDeps {
  readonly config: ConfigSource;
  readonly rules: Rules;
  readonly workloads: Workloads;
  /** Whether a write comes from Pilotlight itself, whose moves of the selector are final. */
  readonly isOurWrite: (request: ReviewRequest) => boolean;
}

/** Changes what admission changes in a Service, and refuses nothing: that is for the object as it ends up. */
export const mutateService =
  ({ config, isOurWrite }: ServiceAdmissionDeps) =>
  (request: ReviewRequest): Verdict => {
    const views = viewsOf(request, config.current());
    if (views === undefined || isOurWrite(request)) return allowed();
    const { patch, warnings } = moveSelector(views);
    return patched(patch, warnings);
  };

/** Refuses a Service with settings that cannot be, with every reason at once; warns of those that surprise. */
export const validateService =
  ({ config, rules, workloads }: ServiceAdmissionDeps) =>
  (request: ReviewRequest): Verdict => {
    const views = viewsOf(request, config.current());
    if (views === undefined || views.object.deleting) return allowed();
    const { object, old } = views;
    const annotations = object.annotations ?? {};
    const problems = annotationProblems(annotations, config.current(), rules);
    const known = behindService(workloads, request, object);
    const warnings = [
      ...serviceWarnings(object, config.current(), known).map(warningText),
      ...known.warnings,
      ...slowStarts(workloads, request, views),
    ];
    if (problems.length === 0) return allowed(warnings);
    const text = problemText(problems);
    if (old !== undefined && settingsUnchanged(old.annotations ?? {}, annotations)) {
      return allowed([...text.split("\n"), ...warnings]);
    }
    return denied(`validation failed: ${text}`, warnings);
  };

interface Views {
  readonly object: ServiceView;
  readonly old: ServiceView | undefined;
}

/** The Service before and after; undefined when there is nothing for us to say about it. */
const viewsOf = ({ object, oldObject }: ReviewRequest, config: AutoscalerConfig): Views | undefined => {
  if (object === undefined) return undefined;
  const view = viewService(object, specOf(object, "new object"), config);
  if (isForeign(view)) return undefined;
  const old = oldObject && viewService(oldObject, specOf(oldObject, "old object"), config);
  return { object: view, old };
};

const specOf = (object: KubeObject, which: "new object" | "old object") =>
  decodeObject(serviceSchema, object, which)?.spec ?? {};
