import { z } from "zod";

/** What a pod knows of itself, by the downward API. */
export const podEnv = z.object({
  POD_NAME: z.string().default("unknown").describe("this pod's name"),
  POD_IP: z.string().default("127.0.0.1").describe("this pod's address, as others reach it"),
  POD_IPS: z.string().default("").describe("all addresses of this pod, separated by commas"),
});

/** The address to listen on: every one, of IPv6 too when the pod has such an address. */
export const listenHost = (env: z.output<typeof podEnv>): string =>
  env.POD_IPS.includes(":") || env.POD_IP.includes(":") ? "::" : "0.0.0.0";
