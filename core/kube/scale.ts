import type { PodCounts, Scale } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import { ApiError, isConflict } from "./api-error.ts";
import type { Claims } from "./claims.ts";
import type { KubeClient } from "./client.ts";
import type { EndpointDests } from "./endpoints.ts";
import type { ApiKinds } from "./kinds.ts";
import type { ScaleObject } from "./objects.ts";
import { pathOfKey } from "./resources.ts";
import { type FoundWorkload, workloadKey } from "./workload.ts";

export interface KubeScaleDeps {
  readonly client: KubeClient;
  readonly kinds: ApiKinds;
  readonly claims: Pick<Claims, "workload" | "get">;
  readonly dests: Pick<EndpointDests, "pods">;
}

/** Replicas with the version of the workload in which they stood. */
interface Known {
  readonly replicas: number;
  readonly version: string;
  /** Made pods, as the workload's status counts them. */
  readonly made: number;
}

const TRIES = 5;
const WATCHED = new Set(["Deployment", "StatefulSet"]);

const isNewer = (a: string, b: string): boolean => Number(a) > Number(b);

/**
 * Replicas through the `/scale` subresource of whatever workload has one. What the watch knows saves the reading;
 * every write carries the version it was based on, and after a 409 it is read again.
 */
export class KubeScale implements Scale {
  readonly #deps: KubeScaleDeps;
  /** Our own last writes, until the watch has seen them. */
  readonly #written = new Map<RevisionId, Known & { readonly workload: string }>();

  constructor(deps: KubeScaleDeps) {
    this.#deps = deps;
  }

  async wanted(id: RevisionId): Promise<number> {
    return (await this.#now(id)).replicas;
  }

  async apply(
    id: RevisionId,
    replicas: number,
    options: { readonly onlyIf?: number } = {},
  ): Promise<boolean> {
    const { onlyIf } = options;
    for (let attempt = 1; ; attempt++) {
      const fresh = attempt > 1;
      const known = fresh ? await this.#read(id) : await this.#now(id);
      const isAsked = onlyIf === undefined || known.replicas === onlyIf;
      // What is only remembered is never a reason not to write.
      if (fresh && (!isAsked || known.replicas === replicas)) return isAsked;
      if (!isAsked || known.replicas === replicas) continue;
      try {
        await this.#write(id, replicas, known.version);
        return true;
      } catch (error) {
        if (!isConflict(error) || attempt >= TRIES) throw error;
      }
    }
  }

  async pods(id: RevisionId): Promise<PodCounts> {
    const pods = this.#deps.dests.pods(id);
    if (pods === undefined) throw new Error("the pods are not known yet");
    const { made } = await this.#now(id);
    const [ready, notReady] = [pods.ready.length, pods.notReady.length];
    return { ready, notReady, pending: Math.max(0, made - ready - notReady), terminating: pods.terminating };
  }

  #workload(id: RevisionId): FoundWorkload {
    const workload = this.#deps.claims.workload(id);
    if (workload !== undefined) return workload;
    const why = this.#deps.claims.get(id)?.refusal?.message ?? "no such Service";
    throw new ApiError(why, { status: 404, reason: "NotFound" });
  }

  /** As the watch and our own last write know it; a kind that is not watched is read. */
  async #now(id: RevisionId): Promise<Known> {
    const { ref, object } = this.#workload(id);
    if (ref.apiVersion !== "apps/v1" || !WATCHED.has(ref.kind)) return this.#read(id);
    const version = object.metadata.resourceVersion ?? "";
    const made = object.status?.replicas ?? 0;
    const written = this.#written.get(id);
    if (written !== undefined && written.workload === workloadKey(ref) && isNewer(written.version, version)) {
      return { ...written, made };
    }
    this.#written.delete(id);
    return { replicas: object.spec?.replicas ?? 1, version, made };
  }

  async #path(id: RevisionId): Promise<string> {
    const { ref } = this.#workload(id);
    const resource = await this.#deps.kinds.resource(ref.apiVersion, ref.kind);
    return pathOfKey(resource, `${id.slice(0, id.indexOf("/"))}/${ref.name}`, "scale");
  }

  async #read(id: RevisionId): Promise<Known> {
    return knownOf(await this.#deps.client.call({ method: "GET", path: await this.#path(id) }));
  }

  async #write(id: RevisionId, replicas: number, version: string): Promise<void> {
    const body = { metadata: { resourceVersion: version }, spec: { replicas } };
    const path = await this.#path(id);
    const scale = await this.#deps.client.call<ScaleObject>({ method: "PATCH", path, body });
    this.#written.set(id, { ...knownOf(scale), workload: workloadKey(this.#workload(id).ref) });
  }
}

/** Kubernetes leaves `replicas` out when it is 0. */
const knownOf = ({ metadata, spec, status }: ScaleObject): Known => ({
  replicas: spec?.replicas ?? 0,
  version: metadata.resourceVersion ?? "",
  made: status?.replicas ?? 0,
});
