/** What `pilotlight local` tells, whoever it is told to. */
import type { Problem } from "#core/manifest/problem.ts";
import type { Millis } from "#core/clock.ts";
import type { PassedOver } from "./plan/objects.ts";

/** A Service that listens. */
export interface ListeningService {
  readonly name: string;
  readonly namespace: string;
  /** Of its first port. */
  readonly url: string;
  /** Of every port, by the port's number in the Service. */
  readonly ports: readonly { readonly name: string; readonly port: number; readonly url: string }[];
  /** Whether it is annotated, and so scaled. */
  readonly scaled: boolean;
}

/**
 * What `pilotlight local` tells, one at a time; with `--json` as they are, with `at` added. `service` and
 * `workload` are `namespace/name`.
 */
export type LocalEvent =
  /** Processes of a run that was killed were found and ended. */
  | { readonly event: "leftovers"; readonly pids: readonly number[] }
  | ({ readonly event: "passed-over" } & PassedOver)
  /** `fatal`: nothing is started; else what was in force stays in force. */
  | ({ readonly event: "problem"; readonly fatal: boolean } & Problem)
  /** Every Service listens. Told once more when a changed manifest has changed what listens. */
  | { readonly event: "ready"; readonly services: readonly ListeningService[]; readonly admin: string }
  /** Changed manifests are in force. */
  | { readonly event: "applied"; readonly files: readonly string[] }
  /** A folder cannot be watched: changes of its manifests are not seen. */
  | { readonly event: "not-watched"; readonly error: string }
  | {
      readonly event: "scaled";
      readonly service: string;
      readonly from: number;
      readonly to: number;
      /** A word for machines: `request` when an activator woke it, else the autoscaler's. */
      readonly cause: string;
      readonly reason: string;
    }
  | {
      readonly event: "scale-failed";
      readonly service: string;
      readonly wanted: number;
      readonly error: string;
    }
  | { readonly event: "cold-start"; readonly service: string; readonly ms: Millis }
  | ({ readonly event: "pod-started"; readonly pid: number; readonly ports: readonly number[] } & OfPod)
  /** `ms` since its process was started. */
  | ({ readonly event: "pod-ready"; readonly ms: Millis } & OfPod)
  | ({ readonly event: "pod-unready"; readonly detail: string } & OfPod)
  | ({
      readonly event: "pod-exited";
      readonly code: number | undefined;
      readonly signal: NodeJS.Signals | undefined;
      readonly error: string | undefined;
      readonly lastLine: string;
      /** Until it is started again; undefined when it was to end. Above 0 it is in CrashLoopBackOff. */
      readonly restartMs: Millis | undefined;
    } & OfPod)
  | ({ readonly event: "pod-stopping" } & OfPod)
  | ({ readonly event: "pod-gone" } & OfPod)
  | { readonly event: "stopping"; readonly signal: string }
  | { readonly event: "stopped" };

interface OfPod {
  readonly pod: string;
  readonly workload: string;
}
