import * as z from "zod/mini";
import { setting } from "#core/setting.ts";

/** What a pod knows of itself, by the downward API. */
export const podEnv = z.object({
  POD_NAME: setting(z.string(), "unknown", "this pod's name"),
  POD_IP: setting(z.string(), "127.0.0.1", "this pod's address, as others reach it"),
  POD_IPS: setting(z.string(), "", "all addresses of this pod, separated by commas"),
});

/** The address to listen on: every one, of IPv6 too when the pod has such an address. */
export const listenHost = (env: z.output<typeof podEnv>): string =>
  env.POD_IPS.includes(":") || env.POD_IP.includes(":") ? "::" : "0.0.0.0";
