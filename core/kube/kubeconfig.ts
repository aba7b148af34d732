import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import type { Access } from "./access.ts";
import { tokenFromFile } from "./access.ts";
import type { Clock } from "#core/clock.ts";
import { tokenFromCommand } from "./exec-credential.ts";

const clusterSchema = z.object({
  server: z.string(),
  "certificate-authority": z.string().optional(),
  "certificate-authority-data": z.string().optional(),
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": z.string().optional(),
});
const userSchema = z.object({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  "client-certificate": z.string().optional(),
  "client-certificate-data": z.string().optional(),
  "client-key": z.string().optional(),
  "client-key-data": z.string().optional(),
  exec: z
    .object({
      apiVersion: z.string(),
      command: z.string(),
      args: z.array(z.string()).nullish(),
      env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
    })
    .optional(),
});
const fileSchema = z.object({
  "current-context": z.string().optional(),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })),
  users: z.array(z.object({ name: z.string(), user: userSchema.nullish() })).nullish(),
  contexts: z.array(
    z.object({
      name: z.string(),
      context: z.object({ cluster: z.string(), user: z.string(), namespace: z.string().optional() }),
    }),
  ),
});
type User = z.output<typeof userSchema>;

export interface KubeconfigOptions {
  readonly clock: Clock;
  /** The context to use instead of the current one. */
  readonly context?: string | undefined;
}

const found = <T extends { name: string }>(list: readonly T[], name: string, what: string): T => {
  const entry = list.find((candidate) => candidate.name === name);
  if (entry === undefined) throw new Error(`kubeconfig: there is no ${what} "${name}"`);
  return entry;
};

/** Text given in place (base64) or by a path beside the kubeconfig. */
const textOf = async (data: string | undefined, path: string | undefined, folder: string) => {
  if (data !== undefined) return Buffer.from(data, "base64").toString("utf8");
  return path === undefined ? undefined : readFile(resolve(folder, path), "utf8");
};

const tokenOf = (user: User, folder: string, clock: Clock): Access["token"] => {
  if (user.token !== undefined) return () => Promise.resolve(user.token);
  if (user.tokenFile !== undefined) return tokenFromFile(resolve(folder, user.tokenFile), clock);
  if (user.exec !== undefined) return tokenFromCommand(user.exec, clock);
  return () => Promise.resolve(undefined);
};

/** Access as a kubeconfig file tells it: certificates, tokens, token files and credential commands. */
export const kubeconfigAccess = async (path: string, options: KubeconfigOptions): Promise<Access> => {
  const file = fileSchema.parse(parse(await readFile(path, "utf8")));
  const folder = dirname(path);
  const name = options.context ?? file["current-context"] ?? "";
  const { context } = found(file.contexts, name, "context");
  const { cluster } = found(file.clusters, context.cluster, "cluster");
  const user = found(file.users ?? [], context.user, "user").user ?? {};
  const texts = {
    ca: await textOf(cluster["certificate-authority-data"], cluster["certificate-authority"], folder),
    cert: await textOf(user["client-certificate-data"], user["client-certificate"], folder),
    key: await textOf(user["client-key-data"], user["client-key"], folder),
    servername: cluster["tls-server-name"],
    rejectUnauthorized: cluster["insecure-skip-tls-verify"] === true ? false : undefined,
  };
  const tls = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
  return {
    server: cluster.server.replace(/\/+$/, ""),
    tls,
    token: tokenOf(user, folder, options.clock),
    namespace: context.namespace ?? "default",
  };
};
