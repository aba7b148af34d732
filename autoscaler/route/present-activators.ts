import type { Clock, Millis } from "#core/clock.ts";
import type { ActivatorList } from "#core/kube/activator-list.ts";
import type { ActivatorAddress } from "#core/kube/activators.ts";

/** How soon an activator that refused is asked again. */
const ASK_AGAIN_MS: Millis = 250;
/** After 5 s a kubelet has seen an end: one that Kubernetes calls ready then is refused to us alone, by a firewall. */
const TIMES = 20;

export interface PresentActivatorsDeps {
  readonly clock: Clock;
  /** Those that Kubernetes calls ready. */
  readonly activators: Pick<ActivatorList, "list" | "subscribe">;
  /** Whether a connection to that address is refused, which only says who is there and does not listen. */
  readonly refuses: (address: string) => Promise<boolean>;
}

/**
 * The ready activators without those whose process has ended. Kubernetes tells of that only when a kubelet has
 * listed its containers, once a second; a lost stat connection and a refused one say it at once. Silence says
 * nothing: it may be ours.
 */
export class PresentActivators {
  readonly #deps: PresentActivatorsDeps;
  readonly #ended = new Set<string>();
  readonly #asking = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #stopped = new AbortController();

  constructor(deps: PresentActivatorsDeps) {
    this.#deps = deps;
  }

  list(): readonly ActivatorAddress[] {
    const ready = this.#deps.activators.list();
    return this.#ended.size === 0 ? ready : ready.filter(({ address }) => !this.#ended.has(address));
  }

  subscribe(listener: () => void): Disposable {
    const ready = this.#deps.activators.subscribe(listener);
    this.#listeners.add(listener);
    return {
      [Symbol.dispose]: () => {
        ready[Symbol.dispose]();
        this.#listeners.delete(listener);
      },
    };
  }

  /** An activator's connection to us is gone: is its process? Never throws. */
  lost(address: string): void {
    if (!this.#asking.has(address)) void this.#ask(address);
  }

  /** Nobody is asked any more. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Asks until it accepts again, or Kubernetes must know better. */
  async #ask(address: string): Promise<void> {
    this.#asking.add(address);
    try {
      for (let n = 0; n < TIMES && this.#isReady(address); n++) {
        if (!(await this.#deps.refuses(address))) break;
        this.#note(address, true);
        await this.#deps.clock.sleep(ASK_AGAIN_MS, this.#stopped.signal);
      }
    } catch {
      // Stopped.
    } finally {
      this.#asking.delete(address);
      this.#note(address, false);
    }
  }

  #isReady(address: string): boolean {
    return this.#deps.activators.list().some((ready) => ready.address === address);
  }

  #note(address: string, ended: boolean): void {
    if (this.#ended.has(address) === ended) return;
    if (ended) this.#ended.add(address);
    else this.#ended.delete(address);
    for (const listener of this.#listeners) listener();
  }
}
