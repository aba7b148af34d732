/** Single runs of the bench: the container's own start, and a request through Pilotlight. */
import type { KubeClient } from "#core/kube/client.ts";
import type { AddressFinder } from "../../node-agent/find/address-finder.ts";
import { ask, scaleUp, type Workload } from "../cold-start-cluster/floor.ts";
import { readServerTiming } from "../cold-start-cluster/through.ts";
import { observe } from "./observe.ts";

/** Milliseconds since the patch was sent. */
export interface OwnStart {
  readonly runtime: number;
  readonly accepted: number;
  readonly api: number;
}

/** The container's own start: `/scale` from 0 to 1 until it accepts, with nobody between. */
export const ownStart = async (
  client: KubeClient,
  workload: Workload,
  finder: AddressFinder,
): Promise<OwnStart> => {
  const { seen } = await observe(client, workload, finder);
  const start = performance.now();
  const patched = scaleUp(client, workload);
  const { runtime, accepted, api } = await seen;
  await patched;
  return { runtime: runtime! - start, accepted: accepted! - start, api: api - start };
};

/** Milliseconds since the request was sent. */
export interface Through {
  readonly answered: number;
  /** The onlooker's first connection; only where the onlooker asks the runtime. */
  readonly accepted: number | undefined;
  readonly api: number;
  /** The activator heard of the address from an agent; undefined when it did not. */
  readonly agent: number | undefined;
  readonly phases: ReadonlyMap<string, number>;
}

export const through = async (
  client: KubeClient,
  workload: Workload,
  finder?: AddressFinder,
): Promise<Through> => {
  const { seen } = await observe(client, workload, finder);
  const start = performance.now();
  const headers = await ask({ host: `${workload.name}.${workload.namespace}.svc.cluster.local`, port: 80 });
  const answered = performance.now() - start;
  const { accepted, api } = await seen;
  const phases = readServerTiming(headers["server-timing"]);
  return {
    answered,
    accepted: accepted === undefined ? undefined : accepted - start,
    api: api - start,
    agent: until(phases, "cold-agent"),
    phases,
  };
};

/** The sum of the phases up to this one; `cold` itself is their total. */
const until = (phases: ReadonlyMap<string, number>, last: string): number | undefined => {
  if (!phases.has(last)) return undefined;
  const names = [...phases.keys()].filter((name) => name.startsWith("cold-"));
  const upTo = names.slice(0, names.indexOf(last) + 1);
  return upTo.reduce((sum, name) => sum + phases.get(name)!, 0);
};
