import type { Dest, DestSet, Dests, Listener } from "#core/ports.ts";
import { noDests } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import { revisionId } from "#core/revision.ts";
import { PRIVATE_OF } from "./names.ts";
import type { Endpoint, EndpointSlice } from "./objects.ts";
import type { Store } from "./watch.ts";

/** What the slices of a private Service say of its pods. */
export interface PodsInSlices {
  readonly ready: readonly Dest[];
  readonly notReady: readonly Dest[];
  /** Pods that are told to end. */
  readonly terminating: number;
}

/** The pod's port for each port of the revision; undefined when the slice does not have them all. */
const portsIn = (slice: EndpointSlice, revision: Revision): number[] | undefined => {
  const ports = revision.ports.map(
    ({ name }) => (slice.ports ?? []).find((port) => (port.name ?? "") === name)?.port,
  );
  return ports.every((port) => port !== undefined) ? ports : undefined;
};

const keyOfDest = (host: string, port: number): string =>
  host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;

/** A pod as a dest. */
export const destOf = (host: string, ports: readonly number[], pod: string | undefined): Dest => ({
  key: keyOfDest(host, ports[0] ?? 0),
  host,
  ports,
  ...(pod === undefined ? {} : { pod }),
});

/** A pod stands in the slices of both families of a dual-stack Service: each pod counts once. */
export const podsInSlices = (slices: Iterable<EndpointSlice>, revision: Revision): PodsInSlices => {
  const seen = new Set<string>();
  const ready: Dest[] = [];
  const notReady: Dest[] = [];
  let terminating = 0;
  const sorted = [...slices].sort((a, b) => (a.addressType < b.addressType ? -1 : 1));
  for (const slice of sorted) {
    const ports = portsIn(slice, revision);
    for (const endpoint of slice.endpoints ?? []) {
      const pod = endpoint.targetRef?.uid ?? endpoint.addresses[0] ?? "";
      if (seen.has(pod)) continue;
      seen.add(pod);
      if (endpoint.conditions?.terminating === true) terminating++;
      else if (ports !== undefined)
        (isReady(endpoint) ? ready : notReady).push(destOfEndpoint(endpoint, ports));
    }
  }
  return { ready: ready.sort(byKey), notReady: notReady.sort(byKey), terminating };
};

const byKey = (a: Dest, b: Dest): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** No word about it means ready (EndpointConditions). */
const isReady = ({ conditions }: Endpoint): boolean => conditions?.ready !== false;

const destOfEndpoint = ({ addresses, targetRef }: Endpoint, ports: readonly number[]): Dest =>
  destOf(addresses[0] ?? "", ports, targetRef?.name);

export interface EndpointDestsDeps {
  /** The slices of private Services, by the label that they have from them. */
  readonly slices: Store<EndpointSlice>;
  readonly revision: (id: RevisionId) => Revision | undefined;
}

/** The pods of each revision, by the slices that Kubernetes keeps for its private Service. */
export class EndpointDests implements Dests {
  readonly #deps: EndpointDestsDeps;
  readonly #slices = new Map<RevisionId, Map<string, EndpointSlice>>();
  readonly #listeners = new Set<Listener>();

  constructor(deps: EndpointDestsDeps) {
    this.#deps = deps;
    deps.slices.subscribe((key, now, before) => {
      const id = revisionOfSlice((now ?? before)!);
      const slices = this.#slices.get(id) ?? new Map<string, EndpointSlice>();
      if (now === undefined) slices.delete(key);
      else slices.set(key, now);
      if (slices.size === 0) this.#slices.delete(id);
      else this.#slices.set(id, slices);
      this.changed(id);
    });
  }

  get(id: RevisionId): DestSet {
    const pods = this.pods(id);
    return pods === undefined ? noDests : { ready: pods.ready, notReady: pods.notReady };
  }

  /** undefined when there are no slices at all yet: then nothing is known. */
  pods(id: RevisionId): PodsInSlices | undefined {
    const slices = this.#slices.get(id);
    const revision = this.#deps.revision(id);
    return slices === undefined || revision === undefined
      ? undefined
      : podsInSlices(slices.values(), revision);
  }

  subscribe(listener: Listener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Also when a revision's ports are others: they are found by name. */
  changed(id: RevisionId): void {
    for (const listener of this.#listeners) listener(id);
  }
}

const revisionOfSlice = ({ metadata }: EndpointSlice): RevisionId =>
  revisionId(metadata.namespace ?? "", metadata.labels?.[PRIVATE_OF] ?? "");
