/** Annotations and config of a revision to its settings, shared between equals. */
import { GROUP, keys } from "#core/annotations/keys.ts";
import { resolveSettings, type Settings, withDefaults } from "#core/annotations/settings.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Rules } from "#core/divergences.ts";
import type { Revision } from "#core/revision.ts";
import { deciderSpec } from "./decide/decider-spec.ts";
import type { DeciderSpec } from "./decide/decider.ts";

/** What is set for one revision. */
export interface Resolved {
  readonly settings: Settings;
  readonly spec: DeciderSpec;
}

/** Different sets of annotations that are remembered; thousands of Services mostly share a few. */
const MAX_KNOWN = 4096;

/**
 * Annotations and config → settings. Revisions with the same annotations get the same object: that saves a
 * kilobyte for each of thousands, and most of the work when the config changes.
 */
export class Resolver {
  readonly #rules: Rules;
  readonly #known = new Map<string, Resolved>();
  #config: AutoscalerConfig | undefined;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  resolve(revision: Revision, config: AutoscalerConfig): Resolved {
    if (config !== this.#config || this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#config = config;
    const key = JSON.stringify([revision.containerConcurrency, relevant(revision)]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const resolved = this.#make(revision, config);
    this.#known.set(key, resolved);
    return resolved;
  }

  #make({ annotations, containerConcurrency }: Revision, config: AutoscalerConfig): Resolved {
    const settings = resolveSettings(withDefaults(annotations, config), config, { rules: this.#rules });
    return { settings, spec: deciderSpec(settings, config, containerConcurrency) };
  }
}

/** The annotations that settings are read from. */
const relevant = ({ annotations }: Revision): readonly string[] =>
  Object.entries(annotations)
    .filter(([key]) => key.startsWith(`${GROUP}/`) || key === keys.progressDeadline[0])
    .flat();
