import type { Dest, WakingEvent } from "../ports.ts";
import type { Pod, ServicePort } from "./objects.ts";
import { destAt, hasEnded } from "./pod-progress.ts";

/** Knows the address of a pod before the API server does. */
export interface AddressSource {
  /** undefined when it does not know it in time. Rejects when it cannot be asked; both are no worse than no source. */
  find(
    pod: { readonly uid: string; readonly node: string },
    signal: AbortSignal,
  ): Promise<string | undefined>;
}

interface Asked {
  readonly stop: AbortController;
  /** What was told of the pod, until the API server says something else. */
  dest?: Dest;
}

/**
 * Asks a second source about each pod that has a node but no address yet, and tells what it says, unless the API
 * server was first. What it said is taken back when the pod ends, or when the API server names another address.
 */
export class EarlyAddresses {
  readonly #source: AddressSource;
  readonly #ports: readonly ServicePort[];
  readonly #tell: (event: WakingEvent) => void;
  readonly #asked = new Map<string, Asked>();

  constructor(source: AddressSource, ports: readonly ServicePort[], tell: (event: WakingEvent) => void) {
    this.#source = source;
    this.#ports = ports;
    this.#tell = tell;
  }

  /** A pod as the API server knows it now; undefined = gone. */
  seen(key: string, pod: Pod | undefined): void {
    const asked = this.#asked.get(key);
    const known = pod === undefined || hasEnded(pod) ? undefined : pod.status?.podIP;
    if (pod === undefined || hasEnded(pod)) this.#drop(key, asked);
    else if (known !== undefined && known !== "") this.#settle(asked, destAt(pod, this.#ports, known));
    else if (asked === undefined) this.#ask(key, pod);
  }

  stop(): void {
    for (const { stop } of this.#asked.values()) stop.abort();
    this.#asked.clear();
  }

  #drop(key: string, asked: Asked | undefined): void {
    if (asked === undefined) return;
    this.#settle(asked, undefined);
    this.#asked.delete(key);
  }

  /** The API server has spoken: what was told before holds only if it is the same. */
  #settle(asked: Asked | undefined, dest: Dest | undefined): void {
    asked?.stop.abort();
    if (asked?.dest !== undefined && asked.dest.key !== dest?.key)
      this.#tell({ kind: "gone", key: asked.dest.key });
    delete asked?.dest;
  }

  #ask(key: string, pod: Pod): void {
    const { uid } = pod.metadata;
    const node = pod.spec?.nodeName;
    // A pod in the host's network has no address of its own in the runtime.
    if (uid === undefined || node === undefined || pod.spec?.hostNetwork === true) return;
    const asked: Asked = { stop: new AbortController() };
    this.#asked.set(key, asked);
    void this.#listen(asked, pod, { uid, node });
  }

  async #listen(
    asked: Asked,
    pod: Pod,
    question: { readonly uid: string; readonly node: string },
  ): Promise<void> {
    const { signal } = asked.stop;
    const ip = await this.#source.find(question, signal).catch(() => undefined);
    const dest = ip === undefined || signal.aborted ? undefined : destAt(pod, this.#ports, ip);
    if (dest === undefined) return;
    asked.dest = dest;
    this.#tell({ kind: "address", dest, source: "node-agent" });
  }
}
