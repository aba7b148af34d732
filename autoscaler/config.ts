import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);

/** The autoscaler's settings by the names they have in the environment; every one has a default. */
export const autoscalerEnv = z.object({
  PILOTLIGHT_HOST: z.string().optional().describe("address to listen on; unset = every address of the pod"),
  PILOTLIGHT_ADMIN_PORT: port
    .default(9090)
    .describe("port of /metrics, /healthz, /readyz and /explain; 0 = a free one"),
  PILOTLIGHT_STAT_PORT: port.default(8080).describe("port that activators send their stats to"),
  PILOTLIGHT_ACTIVATOR_SERVICE: z
    .string()
    .default("pilotlight-activator")
    .describe("the Service whose ready pods are the activators"),
  PILOTLIGHT_ACTIVATOR_ADMIN_PORT: port
    .default(9090)
    .describe("the activators' admin port, which tells the requests in each pod"),
  PILOTLIGHT_STRICT_KNATIVE: z
    .enum(["true", "false"])
    .default("false")
    .describe("true = decide exactly as Knative does, also where Pilotlight differs on purpose"),
});
