import { expect } from "vitest";
import type { ActivatorConfig } from "../../activator/config.ts";
import type { Revision } from "#core/revision.ts";
import { ActivatorWorld } from "./activator-world.ts";
import { PodServer } from "./pod-server.ts";
import { RawSocket } from "./raw-socket.ts";
import { revisionOf } from "./revision.ts";
import { ScriptedPod } from "./scripted-pod.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Two Services on one activator, each with a port of its own: the first one is attacked, the second one must not notice. */
export class TwoServices implements AsyncDisposable {
  readonly all: ActivatorWorld;
  readonly #pod: ScriptedPod;
  readonly #at: readonly Address[];

  private constructor(all: ActivatorWorld, pod: ScriptedPod, at: readonly Address[]) {
    this.all = all;
    this.#pod = pod;
    this.#at = at;
  }

  /** `attacked`: what the first one sets; without `pods` it has none. */
  static async start(
    config: Partial<ActivatorConfig>,
    { pods = true, attacked = {} }: { readonly pods?: boolean; readonly attacked?: Partial<Revision> } = {},
  ): Promise<TwoServices> {
    const pod = await ScriptedPod.answering(ok);
    const all = new ActivatorWorld({ config });
    const at: Address[] = [];
    for (const id of ["default/attacked", "default/calm"]) {
      const own = id === "default/attacked" ? attacked : {};
      all.world.setRevision(revisionOf({ id, name: id.slice(8), ...own }));
      if (pods || id === "default/calm") all.world.setDests(id, { ready: [pod.dest] });
      const { dest } = await PodServer.start("closed");
      at.push({ host: dest.host, port: dest.ports[0]! });
    }
    all.setRoutes(
      { id: "default/attacked", portIndex: 0, ...at[0]! },
      { id: "default/calm", portIndex: 0, ...at[1]! },
    );
    await all.activator.start();
    return new TwoServices(all, pod, at);
  }

  attack(): Promise<RawSocket> {
    return RawSocket.connect(this.#at[0]!.port, this.#at[0]!.host);
  }

  /** The URL of the first Service, or of the second one. */
  url(of: "attacked" | "calm"): string {
    const { host, port } = this.#at[of === "attacked" ? 0 : 1]!;
    return `http://${host}:${port}`;
  }

  attackers(count: number): Promise<RawSocket[]> {
    return Promise.all(Array.from({ length: count }, () => this.attack()));
  }

  async connections(): Promise<number> {
    const metric = await this.all.registry.getSingleMetric("pilotlight_client_connections")!.get();
    return metric.values.reduce((sum, { value }) => sum + value, 0);
  }

  calm(): Promise<RawSocket> {
    return RawSocket.connect(this.#at[1]!.port, this.#at[1]!.host);
  }

  /** The second Service answers on new connections as ever. */
  async expectCalm(): Promise<void> {
    for (let i = 0; i < 5; i++) {
      const client = await this.calm();
      client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      expect((await client.message()).body.toString()).toBe("ok");
      client.reset();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.all.stop();
    await this.#pod.close();
  }
}
