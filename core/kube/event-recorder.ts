import type { Clock, Millis } from "#core/clock.ts";
import { textOfInstant } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import type { KubeClient } from "./client.ts";
import type { KubeObject } from "./objects.ts";
import { pathOfAll, pathOfKey, resources } from "./resources.ts";

export interface EventNote {
  readonly about: KubeObject;
  readonly type: "Normal" | "Warning";
  /** One word: `TakenOver`. */
  readonly reason: string;
  readonly message: string;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly component: string;
  /** The process: its pod's name. */
  readonly instance: string;
}

interface Known {
  readonly name: string;
  count: number;
  /** When it was last sent. */
  sentAt: Millis;
}

/** The same note is not sent again within this time, and afterwards only counted up. */
const QUIET_MS: Millis = 300_000;
/** Notes about one object: so many at once, and one more each half minute. */
const BURST = 10;
const REFILL_MS: Millis = 30_000;
const MAX_MESSAGE = 1024;
const MAX_KNOWN = 5000;

/**
 * Kubernetes Events for what a user must know of an object. Never waits, never throws: what cannot be sent is
 * logged and forgotten.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #known = new Map<string, Known>();
  readonly #budgets = new Map<string, { tokens: number; at: Millis }>();
  #serial = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
  }

  record(note: EventNote): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    const { uid = "", name } = note.about.metadata;
    const key = JSON.stringify([uid, name, note.type, note.reason, note.message]);
    const known = this.#known.get(key);
    if (known !== undefined && now < known.sentAt + QUIET_MS) return;
    if (!this.#afford(`${uid}/${name}`, now)) return;
    const entry = known ?? { name: `${name}.${this.#unique(now)}`, count: 0, sentAt: now };
    entry.count++;
    entry.sentAt = now;
    this.#remember(key, entry);
    this.#send(note, entry, now).catch((error: unknown) => {
      this.#known.delete(key);
      log.warn({ err: error, object: name, reason: note.reason }, "event was not sent");
    });
  }

  #afford(object: string, now: Millis): boolean {
    const budget = this.#budgets.get(object) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, budget.tokens + (now - budget.at) / REFILL_MS);
    if (this.#budgets.size > MAX_KNOWN) this.#budgets.clear();
    this.#budgets.set(object, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  }

  #remember(key: string, entry: Known): void {
    if (this.#known.size > MAX_KNOWN) this.#known.clear();
    this.#known.set(key, entry);
  }

  #unique(now: Millis): string {
    return `${Math.floor(now).toString(16)}${(this.#serial++).toString(16)}`;
  }

  async #send({ about, type, reason, message }: EventNote, entry: Known, now: Millis): Promise<void> {
    const { client, component, instance } = this.#options;
    const { namespace = "default", name, uid } = about.metadata;
    const at = textOfInstant(Math.floor(now)).replace(/\.\d+Z$/, "Z");
    if (entry.count > 1) {
      const path = pathOfKey(resources.events, `${namespace}/${entry.name}`);
      await client.call({ method: "PATCH", path, body: { count: entry.count, lastTimestamp: at } });
      return;
    }
    const body = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: entry.name, namespace },
      involvedObject: { apiVersion: about.apiVersion, kind: about.kind, namespace, name, uid },
      type,
      reason,
      message: message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE - 1)}…` : message,
      source: { component },
      reportingComponent: component,
      reportingInstance: instance,
      firstTimestamp: at,
      lastTimestamp: at,
      count: 1,
    };
    await client.call({ method: "POST", path: pathOfAll(resources.events, namespace), body });
  }
}
