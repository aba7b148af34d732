import * as z from "zod/mini";
import { optionalSetting, port, setting } from "#core/setting.ts";

/** The autoscaler's settings by the names they have in the environment; every one has a default. */
export const autoscalerEnv = z.object({
  PILOTLIGHT_HOST: optionalSetting(z.string(), "address to listen on; unset = every address of the pod"),
  PILOTLIGHT_ADMIN_PORT: setting(
    port,
    9090,
    "port of /metrics, /healthz, /readyz and /explain; 0 = a free one",
  ),
  PILOTLIGHT_STAT_PORT: setting(port, 8080, "port that activators send their stats to"),
  PILOTLIGHT_ACTIVATOR_SERVICE: setting(
    z.string(),
    "pilotlight-activator",
    "the Service whose ready pods are the activators",
  ),
  PILOTLIGHT_ACTIVATOR_ADMIN_PORT: setting(
    port,
    9090,
    "the activators' admin port, which tells the requests in each pod",
  ),
  PILOTLIGHT_STRICT_KNATIVE: setting(
    z.enum(["true", "false"]),
    "false",
    "true = decide exactly as Knative does, also where Pilotlight differs on purpose",
  ),
});
