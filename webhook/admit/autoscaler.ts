import { z } from "zod";
import { allowed, decodeObject, type ReviewRequest, type Verdict } from "../review.ts";
import type { ClusterKnowledge } from "./knowledge.ts";

const schema = z.looseObject({
  spec: z
    .looseObject({
      scaleTargetRef: z
        .looseObject({ apiVersion: z.string().nullish(), kind: z.string(), name: z.string() })
        .nullish(),
    })
    .nullish(),
});

/** Warns when a HorizontalPodAutoscaler is put on a workload that Pilotlight scales. Never refuses. */
export const reviewAutoscaler =
  (knowledge: ClusterKnowledge) =>
  async (request: ReviewRequest): Promise<Verdict> => {
    const target = decodeObject(schema, request.object, "new object")?.spec?.scaleTargetRef;
    if (target === null || target === undefined) return allowed();
    const { apiVersion, kind, name } = target;
    return allowed(await knowledge.ofAutoscaler(request, { apiVersion: apiVersion ?? "", kind, name }));
  };
