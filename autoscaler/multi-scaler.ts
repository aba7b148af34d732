/** Keeps one loop per revision of class KPA and gives each stat to its own (`knative.md` 3.6). */
import type { ConfigSource } from "#core/autoscaler-config.ts";
import { KPA } from "#core/annotations/keys.ts";
import { type Clock, type Millis, nanosOf } from "#core/clock.ts";
import type { Rules } from "#core/divergences.ts";
import type { Revisions, Scale } from "#core/ports.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { StatMessage } from "#core/stat.ts";
import { Collector } from "./collect/collector.ts";
import { Phases } from "./phases.ts";
import type { Change } from "./reconcile.ts";
import { type LoopDeps, RevisionLoop } from "./revision-loop.ts";
import { Resolver } from "./resolver.ts";
import { newSubject, type Subject } from "./subject.ts";
import { TickQueue } from "./tick-queue.ts";

/** A decision per revision this often (`knative.md` 3.1). */
const TICK: Millis = 2000;
/** Ticks are spread over so many instants of that time. */
const PHASES = 40;

/** Told of what happened, in the moment. */
export interface ScalerEvents {
  readonly late: (ms: Millis) => void;
  readonly decided: (subject: Subject) => void;
  readonly changed: (subject: Subject, change: Change) => void;
  readonly failed: (subject: Subject) => void;
  readonly received: (outcome: "recorded" | "unknown-service", count: number) => void;
}

export interface MultiScalerDeps {
  readonly clock: Clock;
  readonly revisions: Revisions;
  readonly scale: Scale;
  readonly config: ConfigSource;
  readonly rules: Rules;
  readonly activatorsTurn: Millis;
  readonly reachableSince: () => Millis | undefined;
  readonly events: ScalerEvents;
}

/** Runs one loop per revision of class KPA, and gives each stat to the loop it is about (`knative.md` 3.6). */
export class MultiScaler {
  readonly #deps: MultiScalerDeps;
  readonly #queue: TickQueue;
  readonly #collector = new Collector();
  readonly #loops = new Map<RevisionId, RevisionLoop>();
  readonly #resolver: Resolver;
  readonly #loopDeps: LoopDeps;
  #subscriptions: readonly Disposable[] = [];
  #class: string;

  constructor(deps: MultiScalerDeps) {
    this.#deps = deps;
    this.#class = deps.config.current().podAutoscalerClass;
    this.#queue = new TickQueue(deps.clock);
    this.#resolver = new Resolver(deps.rules);
    this.#loopDeps = this.#makeLoopDeps();
  }

  start(): void {
    const { revisions, config } = this.#deps;
    this.#subscriptions = [
      revisions.subscribe((id) => this.#changed(id)),
      config.subscribe(() => this.#reload()),
    ];
    // First looks are spread like ticks: thousands of revisions at once would storm the cluster.
    for (const { id } of revisions.list()) this.#appear(id);
  }

  stop(): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    for (const id of this.#loops.keys()) this.#disappear(id);
    this.#queue.clear();
  }

  get(id: RevisionId): Subject | undefined {
    return this.#loops.get(id)?.subject;
  }

  *subjects(): Generator<Subject> {
    for (const { subject } of this.#loops.values()) yield subject;
  }

  receive(batch: readonly StatMessage[]): void {
    const now = this.#deps.clock.now();
    const nanos = nanosOf(now);
    let recorded = 0;
    for (const { id, stat } of batch) {
      const loop = this.#loops.get(id);
      if (loop === undefined) continue;
      recorded++;
      this.#collector.record(id, nanos, stat);
      loop.heard(stat, now);
    }
    if (recorded > 0) this.#deps.events.received("recorded", recorded);
    if (recorded < batch.length) this.#deps.events.received("unknown-service", batch.length - recorded);
  }

  /** Level-triggered: whatever is true of the revision now counts. */
  #changed(id: RevisionId): void {
    const revision = this.#ours(id);
    const loop = this.#loops.get(id);
    if (loop === undefined) this.#appear(id)?.look();
    else if (revision === undefined) this.#disappear(id);
    else loop.update(revision);
  }

  /** Each loop follows a new config at its next tick; only a new default class changes which loops there are. */
  #reload(): void {
    const { podAutoscalerClass } = this.#deps.config.current();
    if (podAutoscalerClass === this.#class) return;
    this.#class = podAutoscalerClass;
    for (const { id } of this.#deps.revisions.list()) this.#changed(id);
  }

  #appear(id: RevisionId): RevisionLoop | undefined {
    const revision = this.#ours(id);
    if (revision === undefined || this.#loops.has(id)) return undefined;
    const config = this.#deps.config.current();
    const resolved = this.#resolver.resolve(revision, config);
    const subject = newSubject(revision, config, resolved, this.#deps.clock.now());
    const loop = new RevisionLoop(subject, this.#loopDeps);
    this.#loops.set(id, loop);
    return loop;
  }

  #disappear(id: RevisionId): void {
    const loop = this.#loops.get(id);
    if (loop === undefined) return;
    loop.stop();
    this.#loops.delete(id);
  }

  /** The revision if it is of class KPA: others belong to a HorizontalPodAutoscaler or to somebody's controller. */
  #ours(id: RevisionId): Revision | undefined {
    const { revisions, config } = this.#deps;
    const revision = revisions.get(id);
    if (revision === undefined) return undefined;
    const { settings } = this.#resolver.resolve(revision, config.current());
    return settings.class === KPA ? revision : undefined;
  }

  #makeLoopDeps(): LoopDeps {
    const { clock, scale, config, rules, activatorsTurn, reachableSince, events } = this.#deps;
    return {
      scale,
      rules,
      activatorsTurn,
      reachableSince,
      collector: this.#collector,
      queue: this.#queue,
      now: () => clock.now(),
      config: () => config.current(),
      resolver: this.#resolver,
      phases: new Phases({ clock, queue: this.#queue, period: TICK, count: PHASES, late: events.late }),
      decided: events.decided,
      changed: events.changed,
      failed: events.failed,
    };
  }
}
