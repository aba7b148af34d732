import { readFile } from "node:fs/promises";
import type { Registry } from "prom-client";
import type { Clock } from "../clock.ts";
import type { Part } from "../lifecycle.ts";
import type { Logger } from "../log.ts";
import type { KubeClient } from "./client.ts";
import { SERVICE_NAME } from "./names.ts";
import { NodeAgents } from "./node-agents.ts";
import type { EndpointSlice } from "./objects.ts";
import { pathOfAll, resources } from "./resources.ts";
import { Watched } from "./watch.ts";

export interface AgentWatchOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  readonly namespace: string;
  /** The agents' own headless Service. */
  readonly service: string;
  /** File with the activator's token for the agents; read at each question, since it is renewed in place. */
  readonly tokenFile: string;
}

/** The node agents with the watch that finds them. */
export const watchNodeAgents = (
  options: AgentWatchOptions,
): { source: NodeAgents; parts: readonly Part[] } => {
  const { client, clock, log, registry, namespace, service, tokenFile } = options;
  const slices = new Watched<EndpointSlice>({
    client,
    clock,
    log,
    selection: {
      path: pathOfAll(resources.endpointSlices, namespace),
      labelSelector: `${SERVICE_NAME}=${service}`,
    },
  });
  const token = async (): Promise<string> => (await readFile(tokenFile, "utf8")).trim();
  const source = new NodeAgents({ clock, log, registry, slices, token });
  return { source, parts: [slices, source] };
};
