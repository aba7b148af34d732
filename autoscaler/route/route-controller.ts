import type { Clock, Millis } from "#core/clock.ts";
import type { ActivatorAddress } from "#core/kube/activators.ts";
import { isConflict, isNotFound } from "#core/kube/api-error.ts";
import type { Claim } from "#core/kube/claim.ts";
import type { EndpointSlice } from "#core/kube/objects.ts";
import type { Others } from "#core/kube/others.ts";
import type { Store } from "#core/kube/watch.ts";
import type { KubeWrite } from "#core/kube/write.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import type { RevisionId } from "#core/revision.ts";
import { WorkQueue } from "#core/work-queue.ts";
import { isClean, OthersChecks } from "./checks.ts";
import { type Connects, Listening } from "./listening.ts";
import type { RouteNews } from "./news.ts";
import { planRoute } from "./plan.ts";
import { Reservations } from "./reservations.ts";
import type { RoutePlan, RouteState, RouteWrite } from "./route-state.ts";

/** What the routing needs of the cluster. */
export interface RouteCluster {
  readonly claims: {
    get(id: RevisionId): Claim | undefined;
    values(): Iterable<Claim>;
    subscribe(listener: (id: RevisionId) => void): Disposable;
  };
  /** Our own slices. */
  readonly slices: Store<EndpointSlice>;
  readonly activators: {
    list(): readonly ActivatorAddress[];
    subscribe(listener: () => void): Disposable;
  };
  /** Replicas of the workload; undefined when there is none. */
  replicas(id: RevisionId): number | undefined;
  /** Pods that are ready. */
  readonly pods: {
    ready(id: RevisionId): number;
    subscribe(listener: (id: RevisionId) => void): Disposable;
  };
  /** Rejects with an `ApiError`. */
  write(write: KubeWrite): Promise<void>;
  others(id: RevisionId): Promise<Others>;
  scaleUp(id: RevisionId, replicas: number): Promise<void>;
}

export interface RouteControllerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly cluster: RouteCluster;
  readonly connects: Connects;
  /** Only the leader writes. */
  readonly leading: () => boolean;
  readonly news: RouteNews;
  /** Give back without waiting for pods or for anybody else; absent = never. */
  readonly hasty?: () => boolean;
}

const CONCURRENCY = 16;
const CONFLICT_AGAIN_MS: Millis = 25;
const ERROR_AGAIN_MS: Millis = 1000;
/** For what nobody tells us of: whether the watch has caught up with our own write. */
const UNFINISHED_AGAIN_MS: Millis = 1000;

/** Keeps every Service routed as it should be: plans, writes, and looks again when anything changes. */
export class RouteController implements Part {
  readonly name = "routes";
  readonly #deps: RouteControllerDeps;
  readonly #queue: WorkQueue;
  readonly #checks = new OthersChecks();
  readonly #listening: Listening;
  readonly #reservations: Reservations;
  /** Since when a Service has been without a slice of ours. */
  readonly #unrouted = new Map<RevisionId, Millis>();
  #subscriptions: Disposable[] = [];

  constructor(deps: RouteControllerDeps) {
    this.#deps = deps;
    this.#listening = new Listening(deps.connects);
    this.#reservations = new Reservations(deps.cluster.slices, deps.clock);
    this.#queue = new WorkQueue({
      clock: deps.clock,
      concurrency: CONCURRENCY,
      work: (id) => this.#work(id),
    });
  }

  start(): Promise<void> {
    const { claims, activators, slices, pods } = this.#deps.cluster;
    this.#subscriptions = [
      claims.subscribe((id) => this.#queue.add(id)),
      activators.subscribe(() => this.#activatorsChanged()),
      pods.subscribe((id) => {
        if (hasHardLimit(claims.get(id))) this.#queue.add(id);
      }),
      slices.subscribe((_key, now, before) => {
        if (now === undefined && before !== undefined) this.#listening.forget(before);
      }),
    ];
    this.reconsider();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    await this.#queue.stop();
  }

  /** Looks at every Service: at the start of a leadership. */
  reconsider(): void {
    for (const { id } of this.#deps.cluster.claims.values()) this.#queue.add(id);
  }

  #activatorsChanged(): void {
    this.#listening.keepOnly(new Set(this.#deps.cluster.activators.list().map(({ address }) => address)));
    this.reconsider();
  }

  async #work(id: RevisionId): Promise<void> {
    const claim = this.#deps.cluster.claims.get(id);
    if (claim === undefined) return this.#forget(id);
    if (!this.#deps.leading()) return;
    this.#deps.news.seen(claim);
    try {
      await this.#step(claim, undefined);
    } catch (error) {
      // Somebody else wrote, or the Service went: the watch will tell.
      const again = isConflict(error) || isNotFound(error) ? CONFLICT_AGAIN_MS : ERROR_AGAIN_MS;
      if (again === ERROR_AGAIN_MS) this.#deps.log.warn({ err: error, service: id }, "routing failed");
      else this.#deps.log.debug({ err: error, service: id }, "routing has to read again");
      this.#queue.addAfter(id, again);
    }
  }

  async #step(claim: Claim, read: Others | undefined): Promise<void> {
    const { cluster, log } = this.#deps;
    const { id } = claim;
    const version = claim.service.metadata.resourceVersion ?? "";
    const others =
      read ?? (claim.wanted ? this.#checks.known(id, version, this.#deps.clock.now()) : undefined);
    const plan = planRoute(this.#state(claim, others));
    log.trace({ service: id, waitingFor: plan.waitingFor, writes: plan.writes.length }, "route planned");
    for (const write of plan.writes) {
      if (!this.#deps.leading()) return;
      await this.#perform(claim, write);
    }
    if (plan.probes.length > 0 && (await this.#listening.ask(claim.slices, plan.probes))) this.#queue.add(id);
    if (plan.readOthers && read === undefined) {
      const fresh = await cluster.others(id);
      const again = this.#checks.note(id, version, { others: fresh, now: this.#deps.clock.now() });
      if (claim.wanted) this.#queue.addAfter(id, again);
      await this.#step(claim, fresh);
      return;
    }
    this.#later(claim, plan, read);
  }

  #later({ id }: Claim, plan: RoutePlan, read: Others | undefined): void {
    if (plan.againMs !== undefined) this.#queue.addAfter(id, plan.againMs);
    else if (plan.waitingFor !== undefined) this.#queue.addAfter(id, UNFINISHED_AGAIN_MS);
    else if (read !== undefined && isClean(read))
      this.#deps.log.debug({ service: id }, "route is as it should be");
  }

  async #perform(claim: Claim, write: RouteWrite): Promise<void> {
    const { cluster, log, news } = this.#deps;
    if (write.verb === "scale") await cluster.scaleUp(claim.id, write.replicas);
    else await cluster.write(write);
    log.info({ service: claim.id, ...described(write) }, "route written");
    news.written(claim, write);
  }

  #state(claim: Claim, others: Others | undefined): RouteState {
    const { cluster, clock } = this.#deps;
    const { id, service, selector, wanted, privateService, slices } = claim;
    const now = clock.now();
    if (slices.length > 0) this.#unrouted.delete(id);
    else if (!this.#unrouted.has(id)) this.#unrouted.set(id, now);
    return {
      service,
      selector,
      wanted,
      privateService,
      ours: slices,
      others,
      activators: cluster.activators.list(),
      mostActivators: hasHardLimit(claim) ? cluster.pods.ready(id) : Number.POSITIVE_INFINITY,
      listening: (address, port) => this.#listening.has(slices, address, port),
      reservedBy: (port) => this.#reservations.holder(port),
      replicas: cluster.replicas(id),
      unroutedMs: now - (this.#unrouted.get(id) ?? now),
      hasty: this.#deps.hasty?.() ?? false,
    };
  }

  #forget(id: RevisionId): void {
    this.#unrouted.delete(id);
    this.#checks.forget(id);
    this.#deps.news.gone(id);
  }
}

const described = (write: RouteWrite) =>
  write.verb === "scale"
    ? { verb: write.verb, replicas: write.replicas }
    : { verb: write.verb, resource: write.resource, key: "key" in write ? write.key : write.namespace };

const hasHardLimit = (claim: Claim | undefined): boolean =>
  (claim?.revision?.revision.containerConcurrency ?? 0) > 0;
