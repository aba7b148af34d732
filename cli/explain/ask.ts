/** Asks an autoscaler to explain a Service, by its admin port or through the API server. */
import { ApiError } from "#core/kube/api-error.ts";
import { AUTOSCALER_LEASE } from "#core/kube/autoscaler-address.ts";
import type { KubeClient } from "#core/kube/client.ts";
import type { Lease } from "#core/kube/objects.ts";
import { pathOfKey, resources } from "#core/kube/resources.ts";

/** What an autoscaler answers: the same facts as fields and as text. */
export interface Answer {
  readonly text: string;
}

/** The page of an admin port; undefined when the autoscaler there does not know the Service. */
const askAdmin = async (url: string, service: string): Promise<Answer | undefined> => {
  const page = new URL("/explain", url);
  page.searchParams.set("service", service);
  let response: Response;
  try {
    response = await fetch(page);
  } catch (error) {
    // fetch says no more than "failed"; what happened is its cause.
    const { cause, message } = error as Error & { readonly cause?: Error };
    throw new Error(`nobody answers at ${url}: ${cause?.message ?? message}`, { cause: error });
  }
  if (response.status === 404) return undefined;
  if (!response.ok) throw new Error(`${page.href} answers ${response.status}`);
  return (await response.json()) as Answer;
};

/** Of several admin ports the first whose autoscaler knows the Service. */
export const askFirst = async (urls: readonly string[], service: string): Promise<Answer | undefined> => {
  for (const url of urls) {
    const answer = await askAdmin(url, service);
    if (answer !== undefined) return answer;
  }
  return undefined;
};

const ADMIN_PORT = 9090;

/** The leading autoscaler of a cluster, by way of the API server: needs `get` on `pods/proxy`. */
export const askCluster = async (
  client: KubeClient,
  namespace: string,
  service: string,
): Promise<Answer | undefined> => {
  const leasePath = pathOfKey(resources.leases, `${namespace}/${AUTOSCALER_LEASE}`);
  const lease = await client.call<Lease>({ method: "GET", path: leasePath });
  const [pod = ""] = (lease.spec?.holderIdentity ?? "").split("_");
  if (pod === "") throw new Error(`no autoscaler leads: nobody holds the Lease ${AUTOSCALER_LEASE}`);
  const path = `${pathOfKey(resources.pods, `${namespace}/${pod}:${ADMIN_PORT}`)}/proxy/explain`;
  try {
    return await client.call<Answer>({ method: "GET", path, query: { service } });
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
};
