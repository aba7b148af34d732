import type { Selector } from "#core/annotations/selector.ts";
import type { Millis } from "#core/clock.ts";
import type { ActivatorAddress } from "#core/kube/activators.ts";
import type { EndpointSlice, Service } from "#core/kube/objects.ts";
import type { Others } from "#core/kube/others.ts";
import type { KubeWrite } from "#core/kube/write.ts";

/** Everything that the routing of one Service depends on. */
export interface RouteState {
  readonly service: Service;
  /** The user's selector, wherever it is kept now. */
  readonly selector: Selector | undefined;
  /** Whether the Service is annotated and nothing speaks against it. */
  readonly wanted: boolean;
  readonly privateService: Service | undefined;
  readonly ours: readonly EndpointSlice[];
  /** undefined = not read. */
  readonly others: Others | undefined;
  readonly activators: readonly ActivatorAddress[];
  /** How many of them may serve it; Infinity where it does not matter (`publishedOf`). */
  readonly mostActivators: number;
  /** Whether this activator was seen to listen on that port. */
  readonly listening: (address: string, port: number) => boolean;
  /** The key of the slice that an activator port is reserved by, the oldest where there are several. */
  readonly reservedBy: (port: number) => string | undefined;
  /** Replicas of the workload; undefined when there is none. */
  readonly replicas: number | undefined;
  /** How long there has been no slice of ours. */
  readonly unroutedMs: Millis;
  /** Give back without waiting for pods or for anybody else. */
  readonly hasty: boolean;
}

export type RouteWrite = KubeWrite | { readonly verb: "scale"; readonly replicas: number };

/** What to do next. Nothing at all, and `againMs` undefined, means that all is as it should be. */
export interface RoutePlan {
  /** In this order; when one fails, the rest is planned anew. */
  readonly writes: readonly RouteWrite[];
  /** Whether an activator listens there must be found out. */
  readonly probes: readonly { readonly address: string; readonly port: number }[];
  /** `others` must be read (again) before more can be said. */
  readonly readOthers: boolean;
  /** Plan again after this time even if nothing changes. */
  readonly againMs?: Millis;
  /** Why it is not finished, for the log; undefined when it is. */
  readonly waitingFor?: string;
}

export const nothing: RoutePlan = { writes: [], probes: [], readOthers: false };
