import type { Clock, Millis } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import { isConflict, isNotFound } from "./api-error.ts";
import type { KubeClient } from "./client.ts";
import {
  isHeldByOther,
  leaseTimes,
  type LeaseTimes,
  observe,
  type Observed,
  takenLease,
} from "./election.ts";
import type { Lease } from "./objects.ts";
import { pathOfAll, pathOfKey, resources } from "./resources.ts";

export interface ElectionOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** `namespace/name` of the Lease. */
  readonly key: string;
  /** Who we are; what followers and clients read. */
  readonly identity: string;
  readonly times?: LeaseTimes;
  /** Called when leadership is won (true) or lost (false). */
  readonly onChange: (leading: boolean) => void;
}

/** Takes part in an election until stopped; a leader that stops lets go at once. */
export class Election implements Part {
  readonly name = "election";
  readonly #options: ElectionOptions;
  readonly #times: LeaseTimes;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #observed: Observed | undefined;
  #told = false;
  /** When our last renewal that was written began. */
  #renewedAt: Millis = Number.NEGATIVE_INFINITY;
  #watchdog: Disposable | undefined;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#times = options.times ?? leaseTimes;
  }

  /** Looked at before every decision: by the clock alone, so that a process that was stopped for a while knows. */
  get leading(): boolean {
    return this.#told && this.#options.clock.now() < this.#renewedAt + this.#times.deadlineMs;
  }

  async start(): Promise<void> {
    this.#running = this.#run(this.#stopped.signal);
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error("stopped"));
    await this.#running;
    const wasLeading = this.leading;
    this.#tell(false);
    if (wasLeading) await this.#release();
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#attempt(signal);
      } catch (error) {
        if (!signal.aborted)
          log.warn({ err: error, leading: this.leading }, "lease cannot be renewed or read");
      }
      // A little off the beat, so that the candidates do not all ask at once.
      const wait = this.#times.retryMs * (0.9 + 0.2 * Math.random());
      await clock.sleep(wait, signal).catch(() => undefined);
    }
  }

  async #attempt(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (!this.#told || this.#observed === undefined) {
      if (await this.#isHeldByOther(signal)) return this.#tell(false);
    }
    const began = clock.now();
    try {
      await this.#take(signal);
    } catch (error) {
      if (!isConflict(error) && !isNotFound(error)) throw error;
      // Somebody else wrote or deleted it, or we wrote and never heard: only reading tells.
      this.#observed = undefined;
      if (await this.#isHeldByOther(signal)) this.#tell(false);
      return;
    }
    if (signal.aborted) return;
    this.#renewedAt = began;
    this.#watch();
    this.#tell(true);
  }

  async #isHeldByOther(signal: AbortSignal): Promise<boolean> {
    const { clock, identity } = this.#options;
    const lease = await this.#read(signal);
    const now = clock.now();
    this.#observed = lease === undefined ? undefined : observe(this.#observed, lease, now);
    return this.#observed !== undefined && isHeldByOther(this.#observed, identity, now);
  }

  async #read(signal: AbortSignal): Promise<Lease | undefined> {
    const path = pathOfKey(resources.leases, this.#options.key);
    try {
      return await this.#options.client.call<Lease>({ method: "GET", path, signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  async #take(signal: AbortSignal): Promise<void> {
    const { client, clock, key } = this.#options;
    const before = this.#observed?.lease;
    const claimant = { identity: this.#options.identity, times: this.#times };
    const spec = takenLease(before, claimant, clock.now());
    const slash = key.indexOf("/");
    const lease =
      before === undefined
        ? await client.call<Lease>({
            method: "POST",
            path: pathOfAll(resources.leases, key.slice(0, slash)),
            body: {
              apiVersion: "coordination.k8s.io/v1",
              kind: "Lease",
              metadata: { name: key.slice(slash + 1) },
              spec,
            },
            signal,
          })
        : await client.call<Lease>({
            method: "PUT",
            path: pathOfKey(resources.leases, key),
            body: { ...before, spec },
            signal,
          });
    this.#observed = { lease, since: clock.now() };
  }

  /** Ends our leadership at its deadline, whatever request still hangs. */
  #watch(): void {
    const { clock } = this.#options;
    this.#watchdog?.[Symbol.dispose]();
    const left = this.#renewedAt + this.#times.deadlineMs - clock.now();
    this.#watchdog = clock.after(left, () => this.#tell(false));
  }

  #tell(leading: boolean): void {
    if (this.#told === leading) return;
    this.#told = leading;
    if (!leading) this.#watchdog?.[Symbol.dispose]();
    this.#options.log.info({ leading, identity: this.#options.identity }, "leadership changed");
    this.#options.onChange(leading);
  }

  async #release(): Promise<void> {
    const before = this.#observed?.lease;
    if (before === undefined) return;
    const spec = { ...before.spec, holderIdentity: "", leaseDurationSeconds: 1 };
    const path = pathOfKey(resources.leases, this.#options.key);
    await this.#options.client
      .call({ method: "PUT", path, body: { ...before, spec } })
      .catch((error: unknown) => this.#options.log.info({ err: error }, "lease was not released"));
  }
}
