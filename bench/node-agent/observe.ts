/** What an onlooker sees of a starting pod: its address in the runtime and in the API, and its first connection. */
import type { KubeClient } from "#core/kube/client.ts";
import type { KubeObject } from "#core/kube/objects.ts";
import { watchEvents } from "#core/kube/watch-events.ts";
import type { AddressFinder } from "../../node-agent/find/address-finder.ts";
import { untilAccepted, type Workload } from "../cold-start-cluster/floor.ts";

/** Instants of `performance.now()`. */
export interface Sighting {
  /** The application accepted a connection at the address that the runtime told; only with a finder. */
  readonly accepted: number | undefined;
  /** The runtime told the address; only with a finder. */
  readonly runtime: number | undefined;
  /** The API showed the address. */
  readonly api: number;
}

interface PodView extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: { readonly podIP?: string };
}

type Early = Promise<{ readonly runtime: number; readonly accepted: number }>;

/**
 * Watches for the workload's next pod. With a finder the runtime itself is asked, as a node agent does, and the
 * application is tried every millisecond.
 */
export const observe = async (
  client: KubeClient,
  { namespace, name, port }: Workload,
  finder?: AddressFinder,
): Promise<{ readonly seen: Promise<Sighting> }> => {
  const selection = { path: `/api/v1/namespaces/${namespace}/pods`, labelSelector: `app=${name}` };
  const { metadata } = await client.call<{ metadata: { resourceVersion: string } }>({
    method: "GET",
    path: selection.path,
    query: { labelSelector: selection.labelSelector },
  });
  const { signal } = new AbortController();
  const { resourceVersion } = metadata;
  const events = watchEvents<PodView>(client, selection, { resourceVersion, timeoutSeconds: 120, signal });
  const look = async (uid: string): Early => {
    const [ip = ""] = await finder!.find(uid, signal);
    const runtime = performance.now();
    await untilAccepted(ip, port);
    return { runtime, accepted: performance.now() };
  };
  return { seen: follow(events, finder === undefined ? undefined : look) };
};

const follow = async (
  events: AsyncIterable<{ readonly object: PodView }>,
  look: ((uid: string) => Early) | undefined,
): Promise<Sighting> => {
  let early: Early | undefined;
  for await (const { object } of events) {
    const { uid } = object.metadata;
    if (object.spec?.nodeName !== undefined && uid !== undefined) early ??= look?.(uid);
    if ((object.status?.podIP ?? "") === "") continue;
    const api = performance.now();
    return { runtime: undefined, accepted: undefined, ...(await early), api };
  }
  throw new Error("the watch of the pods ended before one had an address");
};
