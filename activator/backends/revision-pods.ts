/** What is known of the pods of one revision, and the probers that find out more. */

import type { Clock } from "#core/clock.ts";
import { type Dest, type DestSet, noDests } from "#core/ports.ts";
import type { Revision } from "#core/revision.ts";
import { QuietTime } from "#core/quiet-time.ts";
import { judge, sameDests } from "./health.ts";
import { startProber } from "./prober.ts";

export interface RevisionPodsOptions {
  readonly clock: Clock;
  readonly revision: Revision;
  /** Whether somebody waits for this revision. */
  readonly waited: () => boolean;
  /** Called with the new healthy set whenever it differs from the last. */
  readonly onChange: (healthy: readonly Dest[]) => void;
}

/** What is known of the pods of one revision, and the probers that find out more. */
export class RevisionPods {
  readonly #options: RevisionPodsOptions;
  readonly #early = new Map<string, Dest>();
  readonly #verified = new Set<string>();
  readonly #suspects = new Set<string>();
  readonly #probers = new Map<string, Disposable>();
  /** From a pod's address, where it was learnt early, to the first connection that it accepts. */
  readonly #quiet = new QuietTime();
  #revision: Revision;
  #known: DestSet = noDests;
  /** Keys of `#known`. */
  #listed: ReadonlySet<string> = new Set();
  #healthy: readonly Dest[] = [];
  #waking = false;
  /** There are dests that will be probed when somebody waits. */
  #unprobed = false;

  constructor(options: RevisionPodsOptions) {
    this.#options = options;
    this.#revision = options.revision;
  }

  get healthy(): readonly Dest[] {
    return this.#healthy;
  }

  /** Whether dests were learnt early that the cluster's own list does not have yet. */
  get ahead(): boolean {
    return this.#early.size > 0;
  }

  configure(revision: Revision): void {
    if (revision.probe !== this.#revision.probe) this.#stopProbers();
    this.#revision = revision;
    this.refresh();
  }

  /** The cluster's own list has changed. */
  update(known: DestSet): void {
    const wasReady = new Set(this.#known.ready.map((dest) => dest.key));
    for (const dest of known.notReady) if (wasReady.has(dest.key)) this.#verified.delete(dest.key);
    this.#known = known;
    this.#listed = new Set([...known.ready, ...known.notReady].map((dest) => dest.key));
    // From here on the cluster's list is the authority for these dests: when they leave it they are gone.
    for (const key of this.#listed) this.#early.delete(key);
    this.refresh();
  }

  learn(dest: Dest): void {
    if (this.#listed.has(dest.key)) return;
    this.#early.set(dest.key, dest);
    this.refresh();
  }

  /** The dest is said to be gone; if the cluster's list still has it, it must prove itself. */
  forget(key: string): void {
    this.#early.delete(key);
    this.#verified.delete(key);
    if (this.#listed.has(key)) this.#suspects.add(key);
    this.refresh();
  }

  suspect(key: string): void {
    this.#suspects.add(key);
    this.refresh();
  }

  set waking(waking: boolean) {
    this.#waking = waking;
    if (!waking) this.#early.clear();
    this.refresh();
  }

  /** Somebody waits, or is about to in this tick. Cheap when there is nothing to probe. */
  nudge(): void {
    if (this.#unprobed) this.refresh(true);
  }

  refresh(urgent = this.#urgent()): void {
    this.#prune();
    const ownProbe = this.#revision.probe.kind !== "external";
    const { healthy, doubtful } = judge({
      known: this.#known,
      early: this.#early,
      verified: this.#verified,
      suspects: this.#suspects,
      ownProbe,
      urgent,
    });
    this.#unprobed = !urgent && ownProbe && this.#known.notReady.length > 0;
    this.#probe(doubtful);
    if (sameDests(healthy, this.#healthy)) return;
    this.#healthy = healthy;
    this.#options.onChange(healthy);
  }

  stop(): void {
    this.#stopProbers();
  }

  #urgent(): boolean {
    return this.#waking || this.#options.waited();
  }

  /** Forgets what was found out about dests that no source knows any more. */
  #prune(): void {
    for (const set of [this.#verified, this.#suspects]) {
      for (const key of set) if (!this.#early.has(key) && !this.#listed.has(key)) set.delete(key);
    }
  }

  #probe(doubtful: readonly Dest[]): void {
    const wanted = new Set(doubtful.map((dest) => dest.key));
    for (const [key, prober] of this.#probers) {
      if (wanted.has(key)) continue;
      prober[Symbol.dispose]();
      this.#probers.delete(key);
    }
    for (const dest of doubtful) {
      if (!this.#probers.has(dest.key)) this.#probers.set(dest.key, this.#start(dest));
    }
  }

  #start(dest: Dest): Disposable {
    const early = this.#early.has(dest.key);
    return startProber({
      clock: this.#options.clock,
      dest,
      probe: this.#revision.probe,
      urgent: () => this.#urgent(),
      wanted: () => this.#suspects.has(dest.key) || this.#urgent(),
      onUnwanted: () => {
        this.#probers.delete(dest.key);
        this.refresh();
      },
      quietMs: early ? this.#quiet.ms : 0,
      onReady: (waited) => {
        if (early && waited !== undefined) this.#quiet.add(waited);
        this.#probers.delete(dest.key);
        this.#suspects.delete(dest.key);
        this.#verified.add(dest.key);
        this.refresh();
      },
    });
  }

  #stopProbers(): void {
    for (const prober of this.#probers.values()) prober[Symbol.dispose]();
    this.#probers.clear();
  }
}
