/** The certificate that is shown, and who hears when it changes. */
import { createSecureContext } from "node:tls";

/** A certificate chain and its private key, both PEM: what the server shows. */
export interface ServingCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Where the server gets its certificate from, and learns of a new one. */
export interface CertificateSource {
  readonly name: string;
  /** Resolves when there is a certificate; keeps trying until then. */
  start(): Promise<void>;
  stop(): void;
  current(): ServingCertificate | undefined;
  /** Called after the certificate has changed. */
  subscribe(listener: () => void): Disposable;
}

/** Holds the present certificate and tells who listens when it changes. */
export class CertificateHolder {
  #current: ServingCertificate | undefined;
  readonly #listeners = new Set<() => void>();

  current(): ServingCertificate | undefined {
    return this.#current;
  }

  /** Returns whether it was another one than before. Throws when a server could not use it. */
  set(next: ServingCertificate): boolean {
    const same = this.#current?.certificate === next.certificate && this.#current.key === next.key;
    if (same) return false;
    createSecureContext({ cert: next.certificate, key: next.key });
    this.#current = next;
    for (const listener of this.#listeners) listener();
    return true;
  }

  subscribe(listener: () => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }
}
