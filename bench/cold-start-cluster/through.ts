/** One cold start through Pilotlight. */
export interface ThroughRun {
  /** Milliseconds from sending the request to its last byte. */
  readonly answered: number;
  /** How long each phase took by the answer's `Server-Timing`, in the order of the header. */
  readonly phases: ReadonlyMap<string, number>;
}

/** `a;dur=1.5, b;desc="x";dur=2` as names with durations; entries without a duration are left out. */
export const readServerTiming = (value: string | string[] | undefined): Map<string, number> => {
  const phases = new Map<string, number>();
  for (const entry of (typeof value === "string" ? value : (value ?? []).join(",")).split(",")) {
    const [name = "", ...parameters] = entry.split(";").map((part) => part.trim());
    const duration = parameters.find((parameter) => parameter.startsWith("dur="))?.slice("dur=".length);
    if (name !== "" && duration !== undefined) phases.set(name, Number(duration));
  }
  return phases;
};
