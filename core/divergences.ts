/**
 * Where Pilotlight decides otherwise than Knative on purpose. The list is closed: what is not named here must
 * equal Knative to the bit. `docs/adr/0003-divergences.md` says more about each one.
 */

interface Divergence {
  /** What we do instead, and why. */
  readonly reason: string;
  /** Section of `knative.md` that describes Knative's behaviour. */
  readonly section: string;
}

export const divergences = {
  "nan-refused": {
    reason: "NaN slips through every range check and makes a revision undecidable; it is an invalid value.",
    section: "1.3, 10.4",
  },
  "algorithm-always-checked": {
    reason:
      "The aggregation algorithm is checked whenever the class is KPA, not only when it is spelled out.",
    section: "1.3 (9), 10.4",
  },
  "scale-down-delay-reloads": {
    reason:
      "A changed scale-down-delay, also from or to 0, takes effect at the next decision, without a restart.",
    section: "2.1, 10.4",
  },
  "pod-count-saturates": {
    reason:
      "A pod count beyond 32 bits becomes the largest one, where Knative on amd64 wraps to the smallest.",
    section: "10.2",
  },
  "lost-reporter-holds": {
    reason:
      "A reporter that falls silent while it has load holds the number of pods for a stable window or until it reports again; Knative lets what it carried drop out of the averages.",
    section: "3.3",
  },
  "full-window-first": {
    reason:
      "Nothing goes down before a full stable window was seen: after a start, after a time without any reporter, and after somebody else scaled up. Knative takes an empty window for no load.",
    section: "3.3, 3.5",
  },
  "poke-before-first-decision": {
    reason:
      "A first request is decided at once also while nothing was decided yet; Knative waits for the next tick.",
    section: "3.6",
  },
} as const satisfies Record<string, Divergence>;

export type DivergenceName = keyof typeof divergences;

/** Which divergences are in force; true = we differ from Knative. */
export type Rules = Readonly<Record<DivergenceName, boolean>>;

const all = (value: boolean): Rules => ({
  "nan-refused": value,
  "algorithm-always-checked": value,
  "scale-down-delay-reloads": value,
  "pod-count-saturates": value,
  "lost-reporter-holds": value,
  "full-window-first": value,
  "poke-before-first-decision": value,
});

export const pilotlightRules: Rules = all(true);
/** Knative exactly, its accidents included. */
export const knativeRules: Rules = all(false);

/** The one switch: the setting `strictKnative` of a process becomes the rules its decisions follow. */
export const rulesFor = (strictKnative: boolean): Rules => (strictKnative ? knativeRules : pilotlightRules);
