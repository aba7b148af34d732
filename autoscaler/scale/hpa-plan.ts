import { createHash } from "node:crypto";
import type { AutoscalerConfig } from "#core/autoscaler-config.ts";
import { resolveSettings, withDefaults } from "#core/annotations/settings.ts";
import type { Rules } from "#core/divergences.ts";
import type { Claim } from "#core/kube/claim.ts";
import { APP_MANAGED_BY, PILOTLIGHT } from "#core/kube/names.ts";
import type { KubeObject } from "#core/kube/objects.ts";
import { keyOf } from "#core/kube/objects.ts";
import { decidedAbout } from "#core/kube/revisions.ts";
import type { KubeWrite } from "#core/kube/write.ts";
import { horizontalPodAutoscaler, scaledBy } from "../decide/hpa.ts";

/**
 * What our HorizontalPodAutoscaler was last made from. The API server fills in defaults, so the object itself
 * does not tell whether it is still as wanted.
 */
const MADE_FROM = "pilotlight.dev/made-from";

export interface HpaContext {
  readonly config: AutoscalerConfig;
  readonly rules: Rules;
}

/** The HorizontalPodAutoscaler of a Service of class `hpa`; undefined for every other one. */
export const wantedHpa = (claim: Claim, { config, rules }: HpaContext): KubeObject | undefined => {
  const { workload, service, revision } = claim;
  if (!decidedAbout(claim) || workload === undefined || revision === undefined) return undefined;
  const annotations = withDefaults(revision.revision.annotations, config);
  const settings = resolveSettings(annotations, config, { rules });
  if (scaledBy(settings) !== "hpa") return undefined;
  const { name, namespace = "default", uid = "" } = service.metadata;
  const object = horizontalPodAutoscaler(
    {
      namespace,
      name,
      labels: { [APP_MANAGED_BY]: PILOTLIGHT },
      annotations: {},
      owner: { apiVersion: "v1", kind: "Service", name, uid, controller: true, blockOwnerDeletion: true },
      scaleTarget: workload.ref,
    },
    settings,
  );
  const made = createHash("sha256").update(JSON.stringify(object.spec)).digest("hex").slice(0, 16);
  return { ...object, metadata: { ...object.metadata, annotations: { [MADE_FROM]: made } } };
};

/** The write that makes the HorizontalPodAutoscaler what is wanted; undefined when it is. Pure. */
export const planHpa = (
  now: KubeObject | undefined,
  wanted: KubeObject | undefined,
): KubeWrite | undefined => {
  const resource = "horizontalPodAutoscalers";
  if (wanted === undefined) {
    if (now === undefined) return undefined;
    const { uid } = now.metadata;
    return { verb: "delete", resource, key: keyOf(now), ...(uid === undefined ? {} : { uid }) };
  }
  const namespace = wanted.metadata.namespace ?? "default";
  if (now === undefined) return { verb: "create", resource, namespace, body: wanted };
  const same = now.metadata.annotations?.[MADE_FROM] === wanted.metadata.annotations?.[MADE_FROM];
  if (same) return undefined;
  const { resourceVersion } = now.metadata;
  const metadata = { ...wanted.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
  return { verb: "replace", resource, key: keyOf(wanted), body: { ...wanted, metadata } };
};
