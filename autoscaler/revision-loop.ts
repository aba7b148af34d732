/** Decides when a revision is evaluated, looked at and tried again. */
import type { Millis } from "#core/clock.ts";
import { nanosOf } from "#core/clock.ts";
import type { Revision } from "#core/revision.ts";
import type { Stat } from "#core/stat.ts";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import type { PodCounts } from "#core/ports.ts";
import type { Phases } from "./phases.ts";
import { type Change, evaluate, reconcile, type ReconcileDeps } from "./reconcile.ts";
import type { Resolver } from "./resolver.ts";
import type { Reporters } from "./receive/reporters.ts";
import { metricSpec, type Subject } from "./subject.ts";
import type { Ticker, TickQueue } from "./tick-queue.ts";

export interface LoopDeps extends ReconcileDeps {
  readonly queue: TickQueue;
  readonly phases: Phases;
  readonly config: () => AutoscalerConfig;
  readonly resolver: Resolver;
  readonly activatorsTurn: Millis;
  readonly decided: (subject: Subject) => void;
  readonly changed: (subject: Subject, change: Change) => void;
  readonly failed: (subject: Subject) => void;
}

/** Also without any change the workload is read again this often, in ticks: 5 min. */
const RESYNC_TICKS = 150;
const RETRY_MIN: Millis = 500;
const RETRY_MAX: Millis = 30_000;

/** What is to be done at the next look; the larger includes the smaller. */
const NOTHING = 0;
const LOOK = 1;
const DECIDE = 2;
type Work = typeof NOTHING | typeof LOOK | typeof DECIDE;

/**
 * One revision's life in the autoscaler: a decision each tick and at each poke, a look at the workload when that
 * or something else calls for it. At most one runs at a time; what comes meanwhile runs right after it, once.
 * A tick after which all is as it was makes one promise: there are thousands a second.
 */
export class RevisionLoop implements Ticker {
  readonly subject: Subject;
  readonly #deps: LoopDeps;
  readonly #reporters: Reporters;
  /** Whether a first request would be one: nothing is wanted, or nothing was decided yet. */
  #isIdle: boolean;
  readonly #membership: Disposable;
  #again: { readonly at: Millis; readonly ticket: Disposable } | undefined;
  /** What runs now, and what is to run after it. */
  #running: Work = NOTHING;
  #pending: Work = NOTHING;
  #stopped = false;
  /** Something about the revision or the config changed since the last look. */
  #dirty = true;
  /** Until when the workload is left to an activator. */
  #leftUntil: Millis = -Infinity;
  #ticks = 0;
  #readySeen = -1;

  constructor(subject: Subject, deps: LoopDeps) {
    this.subject = subject;
    this.#reporters = subject.reporters;
    this.#isIdle = deps.rules["poke-before-first-decision"];
    this.#deps = deps;
    deps.collector.createOrUpdate(subject.id, metricSpec(subject.settings), nanosOf(subject.since));
    this.#membership = deps.phases.join(this);
  }

  stop(): void {
    this.#stopped = true;
    this.#membership[Symbol.dispose]();
    this.#again?.ticket[Symbol.dispose]();
    this.#deps.collector.delete(this.subject.id);
  }

  tick(): void {
    this.#ticks++;
    this.#run(DECIDE);
  }

  /** A stat came. A first request at zero is decided at once (`knative.md` 3.6). */
  heard(stat: Stat, now: Millis): void {
    this.#reporters.heard(stat, now);
    if (!this.#isIdle || stat.averageConcurrentRequests === 0) return;
    this.#leftUntil = now + this.#deps.activatorsTurn;
    this.#run(DECIDE);
  }

  /** The revision was changed. Windows and panic stay. */
  update(revision: Revision): void {
    this.subject.revision = revision;
    this.#dirty = true;
    this.#run(LOOK);
  }

  /** Looks at the workload now. */
  look(): void {
    this.#run(LOOK);
  }

  #run(work: Work): void {
    if (this.#running !== NOTHING) this.#pending = Math.max(this.#pending, work) as Work;
    else if (!this.#stopped) this.#begin(work);
  }

  #begin(work: Work): void {
    this.#running = work;
    try {
      this.#refresh();
      this.#deps.scale.pods(this.subject.id).then(
        (counts) => this.#counted(counts),
        (error: unknown) => this.#failed(error),
      );
    } catch (error) {
      this.#failed(error);
    }
  }

  #counted(counts: PodCounts): void {
    const { subject } = this;
    if (this.#stopped) return;
    if (!sameCounts(subject.counts, counts)) subject.counts = counts;
    try {
      const wanted = this.#decide() || this.#running === LOOK || this.#due();
      if (wanted && this.#deps.now() < this.#leftUntil) this.#leave();
      else if (wanted) {
        this.#look().then(
          () => this.#finished(),
          (error: unknown) => this.#failed(error),
        );
      } else this.#finished();
    } catch (error) {
      this.#failed(error);
    }
  }

  #decide(): boolean {
    if (this.#running !== DECIDE) return false;
    const inform = evaluate(this.subject, this.#deps);
    const { desired } = this.subject.status;
    this.#isIdle = desired === 0 || (desired < 0 && this.#isIdle);
    this.#deps.decided(this.subject);
    return inform;
  }

  #leave(): void {
    this.#dirty = true;
    this.#lookAgainAt(this.#leftUntil);
    this.#finished();
  }

  async #look(): Promise<void> {
    const { subject } = this;
    this.#dirty = false;
    this.#readySeen = subject.counts!.ready;
    const before = subject.condition.state;
    const change = await reconcile(subject, this.#deps, () => this.#stopped);
    subject.failure = undefined;
    // The plan was one for the time until the first pod is ready, which can be long: when load has gone meanwhile,
    // nothing else would call for another one (Knative hears of its own change of state).
    if (before !== "active" && subject.condition.state === "active") this.#dirty = true;
    if (change !== undefined) this.#deps.changed(subject, change);
    this.#lookAgainAt(subject.plan?.againAt ?? Infinity);
  }

  #finished(): void {
    const next = this.#pending;
    this.#running = NOTHING;
    this.#pending = NOTHING;
    if (next !== NOTHING && !this.#stopped) this.#begin(next);
  }

  #failed(error: unknown): void {
    const at = this.#deps.now();
    const times = (this.subject.failure?.times ?? 0) + 1;
    const retryAt = at + Math.min(RETRY_MAX, RETRY_MIN * 2 ** Math.min(times - 1, 10));
    const text = error instanceof Error ? error.message : String(error);
    this.subject.failure = { at, text, times, retryAt };
    if (!this.#stopped) this.#deps.failed(this.subject);
    this.#lookAgainAt(retryAt);
    this.#finished();
  }

  /** Whether the workload must be looked at although the decision is the old one. */
  #due(): boolean {
    const { plan, failure, counts } = this.subject;
    if (failure !== undefined) return this.#deps.now() >= failure.retryAt;
    if (this.#dirty || plan === undefined || plan.mayEndEarly) return true;
    return counts!.ready !== this.#readySeen || this.#ticks % RESYNC_TICKS === 0;
  }

  /** Follows a change of annotations or config. */
  #refresh(): void {
    const { subject } = this;
    const config = this.#deps.config();
    if (!this.#dirty && config === subject.config) return;
    this.#dirty = true;
    subject.config = config;
    const { settings, spec } = this.#deps.resolver.resolve(subject.revision, config);
    subject.settings = settings;
    subject.spec = spec;
    this.#deps.collector.createOrUpdate(subject.id, metricSpec(subject.settings), nanosOf(this.#deps.now()));
  }

  /** One timer is enough, the earliest: what it was set for is planned anew at each look. */
  #lookAgainAt(at: Millis): void {
    if (this.#stopped || at === Infinity || (this.#again !== undefined && this.#again.at <= at)) return;
    this.#again?.ticket[Symbol.dispose]();
    const tick = (): void => {
      this.#again = undefined;
      this.#run(LOOK);
    };
    this.#again = { at, ticket: this.#deps.queue.add(at, { tick }) };
  }
}

const sameCounts = (a: PodCounts | undefined, b: PodCounts): boolean =>
  a !== undefined &&
  a.ready === b.ready &&
  a.notReady === b.notReady &&
  a.pending === b.pending &&
  a.terminating === b.terminating;
