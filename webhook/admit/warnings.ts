/** Warns of settings that are legal but surprising. */
import { find, GROUP, HPA, type Keys, keys } from "#core/annotations/keys.ts";
import { OWN_GROUP, ownKeys } from "#core/annotations/own.ts";
import { resolveSettings, type Settings } from "#core/annotations/settings.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import { type Millis, nanosOf } from "#core/clock.ts";
import { closest } from "#core/closest.ts";
import { formatDuration } from "#core/duration.ts";
import type { ServiceView } from "./service-view.ts";

/** Something legal that will probably surprise. It stops nothing. */
export interface Warning {
  /** What it is about: the keys from the object's root. */
  readonly path: readonly string[];
  readonly message: string;
}

/** As kubectl shows it after `Warning: `. */
export const warningText = ({ path, message }: Warning): string => `${path.join(".")}: ${message}`;

/** What is known of the pods behind the Service. */
export interface Known {
  /** A pod takes at least so long before it can be ready; undefined = not known. */
  readonly startMs?: Millis | undefined;
}

/** Everything about one Service that deserves a warning. */
export const serviceWarnings = (
  view: ServiceView,
  config: AutoscalerConfig,
  known: Known = {},
): Warning[] => {
  const annotations = view.annotations ?? {};
  const typos = [...unknownKeys(annotations), ...shadowedKeys(annotations)];
  if (!view.switchedOn) return [...typos, ...notSwitchedOn(annotations)];
  const subject = { annotations, settings: resolveSettings(annotations, config), config, known };
  return [...typos, ...shapeWarnings(view), ...settingWarnings.flatMap((check) => check(subject) ?? [])];
};

const about = (key: string, message: string): Warning => ({
  path: ["metadata", "annotations", key],
  message,
});

const knownKeys: readonly string[] = [...Object.values(keys).flat(), ...Object.values(ownKeys)];

/** Keys of the two groups that mean nothing, and keys of no group that were probably meant to be of one. */
const unknownKeys = (annotations: Readonly<Record<string, string>>): Warning[] =>
  Object.keys(annotations)
    .filter((key) => !knownKeys.includes(key))
    .flatMap((key) => {
      const near = closest(key, knownKeys);
      const meant = near === undefined ? "" : `; did you mean ${near}?`;
      if (near === undefined && !key.startsWith(`${GROUP}/`)) return [];
      // An unknown key of our own group is refused; only the suggestion is left to say.
      return key.startsWith(`${OWN_GROUP}/`)
        ? [about(key, `did you mean ${near}?`)]
        : [about(key, `this key is not known and has no effect${meant}`)];
    });

/** Both spellings of one setting: the first in `keys` counts. */
const shadowedKeys = (annotations: Readonly<Record<string, string>>): Warning[] =>
  Object.values<Keys>(keys).flatMap((names) => {
    const [first, ...others] = names.filter((name) => Object.hasOwn(annotations, name));
    return others.map((key) => about(key, `has no effect, because ${first} is set as well`));
  });

const notSwitchedOn = (annotations: Readonly<Record<string, string>>): Warning[] => {
  const ours = Object.values(ownKeys).find(
    (key) => key !== ownKeys.selector && Object.hasOwn(annotations, key),
  );
  return ours === undefined
    ? []
    : [about(ours, `has no effect without an ${GROUP} annotation, for example ${keys.minScale[0]}: "0"`)];
};

const shapeWarnings = ({ refusal, selector, annotations }: ServiceView): Warning[] => {
  const not = "Pilotlight does not scale this Service";
  if (refusal !== undefined) {
    return [{ path: ["spec"], message: `${not}: ${refusal.message}; ${refusal.remedy}` }];
  }
  if (selector !== undefined || annotations?.[ownKeys.selector] !== undefined) return [];
  return [{ path: ["spec", "selector"], message: `${not}: it selects no pods` }];
};

interface Subject {
  readonly annotations: Readonly<Record<string, string>>;
  readonly settings: Settings;
  readonly config: AutoscalerConfig;
  readonly known: Known;
}

/** One line per surprise. */
const settingWarnings: readonly ((subject: Subject) => Warning | undefined)[] = [
  ({ annotations, settings }) => {
    const { initialScale, bounds } = settings;
    const found = find(annotations, keys.initialScale) ?? find(annotations, keys.maxScale);
    if (found === undefined || bounds.max === 0 || initialScale <= bounds.max) return undefined;
    return about(
      found.key,
      `initial-scale=${initialScale} is above max-scale=${bounds.max}: it starts with ${initialScale} pods all the same`,
    );
  },
  ({ annotations, settings }) => {
    const found = find(annotations, keys.podRetention);
    if (found === undefined || settings.podRetention === 0 || settings.bounds.min === 0) return undefined;
    return about(
      found.key,
      `has no effect, because min-scale=${settings.bounds.min} keeps the last pod anyway`,
    );
  },
  ({ annotations, config }) => {
    const found = find(annotations, keys.minScale);
    if (found?.value !== "0" || config.enableScaleToZero) return undefined;
    return about(found.key, "it will not go to zero: enable-scale-to-zero is false in config-autoscaler");
  },
  ({ annotations, settings }) => {
    const found = find(annotations, keys.minScale);
    if (found?.value !== "0" || settings.class !== HPA) return undefined;
    return about(found.key, `it will not go to zero: the class ${HPA} keeps at least one pod`);
  },
  ({ annotations, settings, known }) => {
    const found = find(annotations, keys.window);
    if (found === undefined || known.startMs === undefined) return undefined;
    const start = nanosOf(known.startMs);
    if (start <= settings.stableWindow) return undefined;
    return about(
      found.key,
      `${found.value} is shorter than a pod takes to become ready (at least ${formatDuration(BigInt(start))}): it may be taken away before it has answered`,
    );
  },
];
