import { type FieldError, formatFieldErrors, underField } from "#core/annotations/field-error.ts";
import type { Annotations } from "#core/annotations/keys.ts";
import { OWN_GROUP, readOwnAnnotations } from "#core/annotations/own.ts";
import { GROUP } from "#core/annotations/keys.ts";
import { SELECTOR } from "#core/annotations/selector.ts";
import { validateAnnotations } from "#core/annotations/validate.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Rules } from "#core/divergences.ts";

/** Everything that is wrong with a Service's annotations, Knative's first, then our own. Paths are annotation keys. */
export const annotationProblems = (
  annotations: Annotations,
  config: AutoscalerConfig,
  rules: Rules,
): FieldError[] => [
  ...validateAnnotations(annotations, config, rules),
  ...readOwnAnnotations(annotations).errors,
];

/** Where Knative's text places them on the object that carries them. */
export const ANNOTATIONS_PATH = "metadata.annotations";

/** All problems in Knative's text, one per line. */
export const problemText = (problems: readonly FieldError[]): string =>
  formatFieldErrors(underField(ANNOTATIONS_PATH, problems));

/**
 * Whether an update leaves every setting as it was. Then problems that were there before stop nothing: a
 * controller that takes off its finalizer must not fail over an annotation that somebody else got wrong.
 */
export const settingsUnchanged = (before: Annotations, now: Annotations): boolean =>
  settingsText(before) === settingsText(now);

const settingsText = (annotations: Annotations): string =>
  JSON.stringify(
    Object.entries(annotations)
      .filter(([key]) => key.startsWith(`${GROUP}/`) || key.startsWith(`${OWN_GROUP}/`))
      .filter(([key]) => key !== SELECTOR)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
