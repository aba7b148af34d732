/** Decides who may ask: only the ServiceAccounts that were named, by a token that the API server vouches for. */
import { createHash } from "node:crypto";
import type { Clock, Millis } from "#core/clock.ts";

/** What the API server says of a token; rejects when it cannot be asked. */
export interface TokenReviewer {
  /** The user behind the token when it is valid for the audience, else undefined. */
  review(token: string, audience: string): Promise<string | undefined>;
}

export interface AuthorizerOptions {
  readonly reviewer: TokenReviewer;
  readonly clock: Clock;
  readonly audience: string;
  /** Users as Kubernetes names them: `system:serviceaccount:NAMESPACE:NAME`. */
  readonly allowed: ReadonlySet<string>;
}

export type Verdict = "allowed" | "unauthenticated" | "forbidden" | "unavailable";

/** A good token is good for a minute; a bad one is not asked about again for some seconds. */
const KEEP_MS: Readonly<Record<Verdict, Millis>> = {
  allowed: 60_000,
  unauthenticated: 5_000,
  forbidden: 5_000,
  unavailable: 1_000,
};
const MAX_KEPT = 1_000;

interface Kept {
  readonly verdict: Promise<Verdict>;
  /** Infinite while the API server is being asked. */
  until: Millis;
}

export class Authorizer {
  readonly #options: AuthorizerOptions;
  /** By the token's hash, so that no token stays in memory. In order of insertion: the oldest goes first. */
  readonly #kept = new Map<string, Kept>();

  constructor(options: AuthorizerOptions) {
    this.#options = options;
  }

  /** One question to the API server for each token and minute, however many ask at once. Never rejects. */
  check(token: string): Promise<Verdict> {
    // The API server refuses to look at an empty one, which is not the same as being away.
    if (token === "") return Promise.resolve("unauthenticated");
    const key = createHash("sha256").update(token).digest("base64");
    const present = this.#kept.get(key);
    if (present !== undefined && present.until > this.#options.clock.now()) return present.verdict;
    const kept: Kept = { verdict: this.#ask(token), until: Number.POSITIVE_INFINITY };
    void kept.verdict.then((verdict) => {
      kept.until = this.#options.clock.now() + KEEP_MS[verdict];
    });
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return kept.verdict;
  }

  async #ask(token: string): Promise<Verdict> {
    const { reviewer, audience, allowed } = this.#options;
    try {
      const user = await reviewer.review(token, audience);
      if (user === undefined) return "unauthenticated";
      return allowed.has(user) ? "allowed" : "forbidden";
    } catch {
      return "unavailable";
    }
  }
}
