import type { ConfigSource } from "#core/autoscaler-config.ts";
import type { Clock } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { Peers, Revisions } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import { autoscaledBy, slimUserAutoscaler, type UserAutoscaler } from "./autoscaled.ts";
import { slimService } from "./claim.ts";
import { Claims } from "./claims.ts";
import type { KubeClient } from "./client.ts";
import type { AddressSource } from "./early-addresses.ts";
import { EndpointDests } from "./endpoints.ts";
import { createKinds } from "./kinds.ts";
import { APP_MANAGED_BY, PILOTLIGHT, PRIVATE_OF, SLICE_MANAGED_BY, SLICE_MANAGER } from "./names.ts";
import type { EndpointSlice, KubeObject, Service, Workload } from "./objects.ts";
import { OtherWorkloads } from "./other-workloads.ts";
import { slicePeers } from "./peers.ts";
import { pathOfAll, type Resource, resources } from "./resources.ts";
import { revisionsOf, type Sees } from "./revisions.ts";
import { SliceRoutes } from "./routes.ts";
import { KubeScale } from "./scale.ts";
import { KubeWakingPods } from "./waking-pods.ts";
import { type Store, Watched, type WatchedOptions } from "./watch.ts";
import { slimWorkload } from "./workload.ts";

export interface WorldOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ConfigSource;
  /** Whether HorizontalPodAutoscalers of the user's speak against scaling: only who decides needs to know. */
  readonly autoscalers: boolean;
  /** Who may know a starting pod's address before the API server does. */
  readonly source?: AddressSource;
  /** Told when a watch of waking pods has taken a connection for itself. */
  readonly onPodWatch?: () => void;
}

const objectsOf = ({ client, clock, log }: WorldOptions) => {
  const watch = <T extends KubeObject>(
    resource: Resource,
    options: { readonly labelSelector?: string; readonly keep?: NonNullable<WatchedOptions<T>["keep"]> },
  ): Watched<T> => {
    const { labelSelector, keep } = options;
    const selection = {
      path: pathOfAll(resource),
      ...(labelSelector === undefined ? {} : { labelSelector }),
    };
    return new Watched<T>({ client, clock, log, selection, ...(keep === undefined ? {} : { keep }) });
  };
  return {
    services: watch<Service>(resources.services, { keep: slimService }),
    deployments: watch<Workload>(resources.deployments, { keep: slimWorkload }),
    statefulSets: watch<Workload>(resources.statefulSets, { keep: slimWorkload }),
    slices: watch<EndpointSlice>(resources.endpointSlices, {
      labelSelector: `${SLICE_MANAGED_BY}=${SLICE_MANAGER}`,
    }),
    podSlices: watch<EndpointSlice>(resources.endpointSlices, { labelSelector: PRIVATE_OF }),
    autoscalers: watch<UserAutoscaler>(resources.horizontalPodAutoscalers, { keep: slimUserAutoscaler }),
    ownAutoscalers: watch<KubeObject>(resources.horizontalPodAutoscalers, {
      labelSelector: `${APP_MANAGED_BY}=${PILOTLIGHT}`,
    }),
  };
};

type Objects = ReturnType<typeof objectsOf>;
type Watch = Part & Pick<Watched<KubeObject>, "firstSync" | "synced">;

/** The cluster as the activator and the autoscaler see it: the ports, and the watches that feed them. */
export class KubeWorld {
  readonly claims: Claims;
  readonly dests: EndpointDests;
  readonly scale: KubeScale;
  readonly wakingPods: KubeWakingPods;
  /** In the order of their start; the last one waits until everything has been listed. */
  readonly parts: readonly Part[];
  readonly #clock: Clock;
  readonly #objects: Objects;
  readonly #watches: readonly Watch[];

  constructor(options: WorldOptions) {
    const { client, clock, log, config } = options;
    const { autoscalers, ownAutoscalers, ...objects } = objectsOf(options);
    const kinds = createKinds(client);
    this.#clock = clock;
    this.#objects = { autoscalers, ownAutoscalers, ...objects };
    const others = new OtherWorkloads({ client, kinds, clock, log });
    const autoscaled = options.autoscalers ? { autoscaled: autoscaledBy(autoscalers) } : {};
    this.claims = new Claims({ ...objects, config, others, ...autoscaled });
    const { claims } = this;
    this.dests = new EndpointDests({ slices: objects.podSlices, revision: (id) => this.#revision(id) });
    claims.subscribe((id) => this.dests.changed(id));
    this.scale = new KubeScale({ client, kinds, claims, dests: this.dests });
    const onWorkload = (listener: (key: string) => void) => this.#onWorkload(listener);
    const source = options.source === undefined ? {} : { source: options.source };
    const { onPodWatch: onWatch = () => undefined } = options;
    this.wakingPods = new KubeWakingPods({ client, clock, log, claims, onWorkload, onWatch, ...source });
    const watches: Watch[] = [
      ...Object.values(objects),
      ...(options.autoscalers ? [autoscalers, ownAutoscalers] : []),
    ];
    this.#watches = watches;
    this.parts = [...watches, firstSync(watches)];
  }

  /** Whether everything has been listed at least once. */
  get synced(): boolean {
    return this.#watches.every((watch) => watch.synced);
  }

  /** Our own slices. */
  get slices(): Store<EndpointSlice> {
    return this.#objects.slices;
  }

  revisions(sees: Sees): Revisions {
    return revisionsOf(this.claims, sees);
  }

  /** The HorizontalPodAutoscalers that we made. */
  get ownAutoscalers(): Store<KubeObject> {
    return this.#objects.ownAutoscalers;
  }

  /** What an activator listens on, at the address `host`. */
  routes(host: string): SliceRoutes {
    const { slices } = this.#objects;
    const routes = new SliceRoutes({
      clock: this.#clock,
      slices,
      host,
      revision: (id) => this.#revision(id),
    });
    this.claims.subscribe(() => routes.changed());
    return routes;
  }

  /** The activators of each Service, of which this process is the one at `self`. */
  peers(self: string): Peers {
    return slicePeers(this.#objects.slices, self);
  }

  #revision(id: RevisionId): Revision | undefined {
    return this.claims.get(id)?.revision?.revision;
  }

  #onWorkload(listener: (key: string) => void): Disposable {
    const stores = [this.#objects.deployments, this.#objects.statefulSets];
    const subscriptions = stores.map((store) => store.subscribe((key) => listener(key)));
    return { [Symbol.dispose]: () => subscriptions.forEach((each) => each[Symbol.dispose]()) };
  }
}

/** Nothing is decided or answered before the cluster is known. */
const firstSync = (watches: readonly Watch[]): Part => ({
  name: "first sync",
  start: async () => {
    await Promise.all(watches.map((watched) => watched.firstSync));
    // Claims are worked out a microtask after the last list.
    await new Promise((resolve) => setImmediate(resolve));
  },
  stop: () => Promise.resolve(),
});
