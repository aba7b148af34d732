import { defaultConfig } from "#core/autoscaler-config.ts";
import type { Millis } from "#core/clock.ts";
import { watchActivators } from "#core/kube/activator-list.ts";
import { AUTOSCALER_LEASE } from "#core/kube/autoscaler-address.ts";
import type { Claim } from "#core/kube/claim.ts";
import { EventRecorder } from "#core/kube/event-recorder.ts";
import { Election } from "#core/kube/lease.ts";
import { pathOfKey, resources } from "#core/kube/resources.ts";
import { KubeWorld } from "#core/kube/world.ts";
import { startAll, stopAll } from "#core/lifecycle.ts";
import { buildRouting } from "../autoscaler/build.ts";
import type { ComponentContext } from "./component.ts";

export interface RestoreOptions {
  /** `namespace/name`; none = all. */
  readonly only: readonly string[];
  readonly timeoutMs: Millis;
  /** The Deployment to scale to 0 first. */
  readonly autoscaler: string | undefined;
  readonly activatorService: string;
  readonly tell: (line: string) => void;
}

/** An autoscaler that was told to end lets its Lease go; one that was killed holds it for ten seconds. */
const LEASE_PATIENCE_MS: Millis = 30_000;
/** What is left after the time limit is given back without waiting, which takes a few requests for each. */
const HASTE_MS: Millis = 20_000;
const LOOK_MS: Millis = 100;

/** Gives Services back, as the leader that an autoscaler would be. Resolves with the exit code. */
export const restoreServices = async (
  context: ComponentContext,
  options: RestoreOptions,
): Promise<number> => {
  const { client, namespace, log } = context;
  if (options.autoscaler !== undefined) {
    const path = pathOfKey(resources.deployments, `${namespace}/${options.autoscaler}`, "scale");
    await client.call({ method: "PATCH", path, body: { spec: { replicas: 0 } } });
  }
  const task = new Restore(context, options);
  await startAll(task.parts, log);
  try {
    return await task.run();
  } finally {
    await stopAll(task.parts, log, AbortSignal.abort());
    client.close();
  }
};

class Restore {
  readonly parts;
  readonly #context: ComponentContext;
  readonly #options: RestoreOptions;
  readonly #world: KubeWorld;
  readonly #election: Election;
  readonly #routing;
  #hasty = false;

  constructor(context: ComponentContext, options: RestoreOptions) {
    this.#context = context;
    this.#options = options;
    const { client, clock, log, namespace } = context;
    const config = { current: () => defaultConfig, subscribe: () => ({ [Symbol.dispose]: () => undefined }) };
    const world = new KubeWorld({ client, clock, log, config, autoscalers: false });
    const activators = watchActivators({ client, clock, log, namespace, service: options.activatorService });
    const instance = `restore-${process.pid}`;
    this.#world = world;
    this.#election = new Election({
      client,
      clock,
      log,
      key: `${namespace}/${AUTOSCALER_LEASE}`,
      identity: instance,
      onChange: () => this.#routing.reconsider(),
    });
    this.#routing = buildRouting({
      clock,
      log,
      client,
      world,
      activators,
      claims: this.#claims(),
      events: new EventRecorder({ ...context, component: "pilotlight-restore", instance }),
      leading: () => this.#election.leading,
      hasty: () => this.#hasty,
    });
    this.parts = [...world.parts, activators.watch, this.#routing, this.#election];
  }

  async run(): Promise<number> {
    const { tell, timeoutMs } = this.#options;
    if (!(await this.#until(LEASE_PATIENCE_MS, () => this.#election.leading))) {
      tell("an autoscaler still leads: scale it to 0 first, or take the Services' annotations off instead");
      return 1;
    }
    const begun = this.#left().map(({ id }) => id);
    const isDone = (): boolean => this.#left().length === 0;
    if (!(await this.#until(timeoutMs, isDone))) {
      for (const { id } of this.#left()) tell(`${id}: no pod got ready in time; given back without`);
      this.#hasty = true;
      this.#routing.reconsider();
      await this.#until(HASTE_MS, isDone);
    }
    const left = new Set(this.#left().map(({ id }) => id));
    for (const id of begun) tell(`${id}: ${left.has(id) ? "NOT given back, see the log" : "given back"}`);
    if (begun.length === 0) tell("no Service is routed by Pilotlight");
    return left.size === 0 ? 0 : 1;
  }

  /** Nothing is wanted any more, whatever the annotations say. */
  #claims() {
    const { claims } = this.#world;
    const { only } = this.#options;
    const unwanted = (claim: Claim): Claim => ({ ...claim, wanted: false, annotated: false });
    const isMeant = ({ id }: Claim): boolean => only.length === 0 || only.includes(id);
    return {
      get: (id: string) => {
        const claim = claims.get(id);
        return claim !== undefined && isMeant(claim) ? unwanted(claim) : undefined;
      },
      values: () => [...claims.values()].filter(isMeant).map(unwanted),
      subscribe: (listener: (id: string) => void) => claims.subscribe(listener),
    };
  }

  #left(): Claim[] {
    return this.#claims()
      .values()
      .filter(({ routed }) => routed);
  }

  async #until(ms: Millis, condition: () => boolean): Promise<boolean> {
    const { clock } = this.#context;
    const end = clock.now() + ms;
    while (!condition()) {
      if (clock.now() >= end) return false;
      await clock.sleep(LOOK_MS);
    }
    return true;
  }
}
