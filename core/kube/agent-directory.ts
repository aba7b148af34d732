import type { EndpointSlice } from "./objects.ts";
import type { Store } from "./watch.ts";

/** Where the agent of each node is asked, by the slices of the agents' own Service. */
export class AgentDirectory {
  readonly #slices: Store<EndpointSlice>;
  readonly #onNew: (url: string) => void;
  #byNode = new Map<string, string>();

  /** `onNew` is told of each agent that was not known before. */
  constructor(slices: Store<EndpointSlice>, onNew: (url: string) => void) {
    this.#slices = slices;
    this.#onNew = onNew;
    slices.subscribe(() => this.#read());
  }

  /** `http://host:port`; undefined when the node has no agent that is ready. */
  urlOn(node: string): string | undefined {
    return this.#byNode.get(node);
  }

  get urls(): readonly string[] {
    return [...this.#byNode.values()];
  }

  #read(): void {
    const byNode = new Map<string, string>();
    for (const { endpoints, ports } of this.#slices.values()) {
      const port = ports?.[0]?.port;
      if (port === undefined) continue;
      for (const { addresses, nodeName, conditions } of endpoints ?? []) {
        const [host] = addresses;
        if (nodeName === undefined || host === undefined || conditions?.ready === false) continue;
        byNode.set(nodeName, `http://${host.includes(":") ? `[${host}]` : host}:${port}`);
      }
    }
    const before = new Set(this.urls);
    this.#byNode = byNode;
    for (const url of this.urls) if (!before.has(url)) this.#onNew(url);
  }
}
