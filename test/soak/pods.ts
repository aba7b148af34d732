import type { PilotlightEvent } from "../helpers/pilotlight.ts";

interface LivePod {
  readonly service: string;
  pid: number;
  ready: boolean;
}

/** What the events of `pilotlight local` say of its pods. */
export class Pods {
  readonly #events: readonly PilotlightEvent[];
  readonly #live = new Map<string, LivePod>();
  #read = 0;
  coldStarts = 0;
  started = 0;
  scaleDowns = 0;

  constructor(events: readonly PilotlightEvent[]) {
    this.#events = events;
  }

  /** Pods that exist. */
  get count(): number {
    this.#catchUp();
    return this.#live.size;
  }

  /** Services that have pods. */
  get services(): readonly string[] {
    this.#catchUp();
    return [...new Set([...this.#live.values()].map(({ service }) => service))];
  }

  /** What was told of each pod that exists, last of all. */
  history(): string {
    const names = new Set(this.#live.keys());
    const told = this.#events.filter(
      (event) =>
        names.has(String(event["pod"])) ||
        [...this.#live.values()].some(({ service }) => event["service"] === `default/${service}`),
    );
    return told
      .slice(-30)
      .map((event) => JSON.stringify(event))
      .join("\n");
  }

  /** Pods of a Service that serve; those that are on their way out do not count. */
  serving(service: string): readonly LivePod[] {
    this.#catchUp();
    return [...this.#live.values()].filter((pod) => pod.service === service && pod.ready);
  }

  #catchUp(): void {
    for (; this.#read < this.#events.length; this.#read++) this.#take(this.#events[this.#read]!);
  }

  #take(event: PilotlightEvent): void {
    const pod = String(event["pod"]);
    const live = this.#live.get(pod);
    if (event.event === "cold-start") this.coldStarts++;
    else if (event.event === "scaled" && Number(event["to"]) < Number(event["from"])) this.scaleDowns++;
    else if (event.event === "pod-started") {
      this.started++;
      const service = String(event["workload"]).split("/")[1]!;
      this.#live.set(pod, { service, pid: Number(event["pid"]), ready: false });
    } else if (event.event === "pod-gone") this.#live.delete(pod);
    else if (live !== undefined && event.event.startsWith("pod-")) live.ready = event.event === "pod-ready";
  }
}
