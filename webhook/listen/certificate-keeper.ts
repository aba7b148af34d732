/** Keeps the certificate in its Secret fresh, and the API server's trust in step with it. */
import type { Clock, Millis } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import type { SecretStore, StoredSecret, TrustPublisher } from "../ports.ts";
import { CertificateHolder, type CertificateSource } from "./certificate.ts";
import {
  type CertificateState,
  type Issued,
  type Step,
  issueInto,
  nextStep,
  prepareInto,
  promoteInto,
  readState,
} from "./certificate-state.ts";

export interface KeeperDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly secret: SecretStore;
  readonly trust: TrustPublisher;
  /** Names the certificate is for; the API server calls the first one, `NAME.NAMESPACE.svc`. */
  readonly dnsNames: readonly string[];
  readonly issue: (dnsNames: readonly string[], now: Millis) => Promise<Issued>;
}

/** How often the Secret is looked at: the longest time a replica shows the certificate before the last. */
const CHECK: Millis = 30_000;
/** Pause after a failure, doubled up to `CHECK`. */
const RETRY: Millis = 500;
/** Races lost in one go before it counts as a failure; with n replicas n are normal. */
const MAX_RACES = 10;

/**
 * Keeps the certificate in the Secret fresh and the API server's trust in step with it. Every replica runs
 * one; no leader is needed, because each write is based on the version that was read: who loses the race
 * reads what the winner wrote, and uses that.
 */
export class CertificateKeeper implements CertificateSource {
  readonly name = "certificate-keeper";
  readonly #deps: KeeperDeps;
  readonly #holder = new CertificateHolder();
  readonly #stopped = new AbortController();
  #published: string | undefined;

  constructor(deps: KeeperDeps) {
    this.#deps = deps;
  }

  current() {
    return this.#holder.current();
  }

  subscribe(listener: () => void): Disposable {
    return this.#holder.subscribe(listener);
  }

  async start(): Promise<void> {
    const first = Promise.withResolvers<void>();
    void this.#run(first.resolve).catch(first.reject);
    await first.promise;
  }

  stop(): void {
    this.#stopped.abort(new Error("the certificate keeper was stopped"));
  }

  /** Checks for ever; calls `ready` once there is a certificate. Rejects only when stopped before that. */
  async #run(ready: () => void): Promise<void> {
    const { clock, log } = this.#deps;
    const { signal } = this.#stopped;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.check();
        failures = 0;
      } catch (error) {
        failures += 1;
        log.warn({ err: error, failures }, "the webhook's certificate could not be checked; trying again");
      }
      if (this.current() !== undefined) ready();
      const pause = failures === 0 ? CHECK : Math.min(CHECK, RETRY * 2 ** (failures - 1));
      try {
        await clock.sleep(pause, signal);
      } catch {
        break;
      }
    }
    if (this.current() === undefined) throw signal.reason;
  }

  /** One round: read, do what is due, show the result, tell the API server. Rejects when the cluster does not answer. */
  async check(): Promise<void> {
    const state = await this.#settle();
    if (state.current !== undefined && this.#holder.set(state.current)) {
      this.#deps.log.info({ notAfter: state.current.notAfter }, "showing another certificate");
    }
    const bundle = state.authorities.join("");
    await this.#deps.trust.publish(bundle);
    this.#published = bundle;
  }

  /** Reads and writes until nothing is due any more. */
  async #settle(): Promise<CertificateState> {
    const { clock, secret, dnsNames } = this.#deps;
    for (let race = 0; race < MAX_RACES; race++) {
      const stored = await secret.read();
      const state = readState(stored?.data, dnsNames[0] ?? "");
      const step = nextStep(state, clock.now(), this.#published === state.authorities.join(""));
      if (step === "keep") return state;
      const result = await secret.write(await this.#after(step, state, stored), stored?.version);
      this.#deps.log.info({ step, result }, "certificate step");
    }
    throw new Error(`the certificate Secret was changed by others ${MAX_RACES} times in a row`);
  }

  async #after(
    step: Exclude<Step, "keep">,
    state: CertificateState,
    stored: StoredSecret | undefined,
  ): Promise<Readonly<Record<string, string>>> {
    const { clock, dnsNames, issue } = this.#deps;
    const data = stored?.data ?? {};
    if (step === "promote") return promoteInto(data, state);
    const issued = await issue(dnsNames, clock.now());
    return step === "issue" ? issueInto(issued) : prepareInto(data, state, issued);
  }
}
