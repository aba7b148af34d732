import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";
import * as z from "zod/mini";
import "#core/english.ts";

import type { Access } from "./access.ts";
import { tokenFromFile } from "./access.ts";
import type { Clock } from "#core/clock.ts";
import { tokenFromCommand } from "./exec-credential.ts";

const clusterSchema = z.object({
  server: z.string(),
  "certificate-authority": z.optional(z.string()),
  "certificate-authority-data": z.optional(z.string()),
  "insecure-skip-tls-verify": z.optional(z.boolean()),
  "tls-server-name": z.optional(z.string()),
});
const userSchema = z.object({
  token: z.optional(z.string()),
  tokenFile: z.optional(z.string()),
  "client-certificate": z.optional(z.string()),
  "client-certificate-data": z.optional(z.string()),
  "client-key": z.optional(z.string()),
  "client-key-data": z.optional(z.string()),
  exec: z.optional(
    z.object({
      apiVersion: z.string(),
      command: z.string(),
      args: z.nullish(z.array(z.string())),
      env: z.nullish(z.array(z.object({ name: z.string(), value: z.string() }))),
    }),
  ),
});
const fileSchema = z.object({
  "current-context": z.optional(z.string()),
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema })),
  users: z.nullish(z.array(z.object({ name: z.string(), user: z.nullish(userSchema) }))),
  contexts: z.array(
    z.object({
      name: z.string(),
      context: z.object({ cluster: z.string(), user: z.string(), namespace: z.optional(z.string()) }),
    }),
  ),
});
type User = z.output<typeof userSchema>;

export interface KubeconfigOptions {
  readonly clock: Clock;
  /** The context to use instead of the current one. */
  readonly context?: string | undefined;
}

const fileOf = (path: string, value: unknown): z.output<typeof fileSchema> => {
  const read = fileSchema.safeParse(value);
  if (read.success) return read.data;
  throw new Error(`kubeconfig ${path}: ${z.prettifyError(read.error)}`);
};

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
  const file = fileOf(path, parse(await readFile(path, "utf8")));
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
