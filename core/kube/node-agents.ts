import { Counter, type Registry } from "prom-client";
import type { Clock, Millis } from "../clock.ts";
import type { Part } from "../lifecycle.ts";
import type { Logger } from "../log.ts";
import { AgentClient } from "./agent-client.ts";
import { AgentDirectory } from "./agent-directory.ts";
import type { AddressSource } from "./early-addresses.ts";
import type { EndpointSlice } from "./objects.ts";
import type { Store } from "./watch.ts";

export interface NodeAgentsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  /** Slices of the agents' own Service. */
  readonly slices: Store<EndpointSlice>;
  readonly token: () => Promise<string>;
}

/** An agent that could not be asked is left alone for this long. */
const ASIDE_MS: Millis = 2_000;
/** Agents keep a token and a silent connection for a minute. */
const GREET_MS: Millis = 20_000;

/** The node agents as a source of addresses: asks the agent on a pod's node. */
export class NodeAgents implements AddressSource, Part {
  readonly name = "node agents";
  readonly #options: NodeAgentsOptions;
  readonly #directory: AgentDirectory;
  readonly #client: AgentClient;
  readonly #questions: Counter<"outcome">;
  readonly #aside = new Map<string, Millis>();
  #greeting: Disposable | undefined;

  constructor(options: NodeAgentsOptions) {
    this.#options = options;
    this.#client = new AgentClient(options);
    this.#directory = new AgentDirectory(options.slices, (url) => this.#hello(url));
    this.#questions = new Counter({
      name: "pilotlight_node_agent_questions_total",
      help: "Questions to node agents by outcome: told (an address), nothing (in time), failed, aside (the agent failed a moment ago), no-agent (none on the node).",
      labelNames: ["outcome"],
      registers: [options.registry],
    });
  }

  async find(
    { uid, node }: { readonly uid: string; readonly node: string },
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const url = this.#directory.urlOn(node);
    if (url === undefined) return this.#count("no-agent");
    if ((this.#aside.get(url) ?? 0) > this.#options.clock.now()) return this.#count("aside");
    try {
      const address = await this.#client.addressOf(url, uid, signal);
      this.#questions.inc({ outcome: address === undefined ? "nothing" : "told" });
      return address;
    } catch (error) {
      if (signal.aborted) return undefined;
      this.#aside.set(url, this.#options.clock.now() + ASIDE_MS);
      this.#options.log.info({ err: error, node, agent: url }, "node agent could not be asked");
      return this.#count("failed");
    }
  }

  start(): Promise<void> {
    this.#greeting = this.#options.clock.every(GREET_MS, () => this.#greet());
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#greeting?.[Symbol.dispose]();
    this.#client.close();
    return Promise.resolve();
  }

  #greet(): void {
    for (const url of this.#directory.urls) this.#hello(url);
  }

  #hello(url: string): void {
    this.#client.greet(url).catch(() => undefined);
  }

  #count(outcome: string): undefined {
    this.#questions.inc({ outcome });
  }
}
