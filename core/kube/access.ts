import { readFile } from "node:fs/promises";

import type { Clock } from "#core/clock.ts";

/** How to reach an API server and who we are. */
export interface Access {
  /** `https://host:port`, without a slash at the end. `http:` is for `kubectl proxy`. */
  readonly server: string;
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    readonly rejectUnauthorized?: boolean;
  };
  /** The bearer token of now. `renew` is said after a 401: do not answer from memory. */
  token(renew: boolean): Promise<string | undefined>;
  /** The namespace of the context, or the pod's own. */
  readonly namespace: string;
}

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const TOKEN_LIFE_MS = 60_000;

/** A token in a file that somebody renews: read again every minute. */
export const tokenFromFile = (path: string, clock: Clock): Access["token"] => {
  let known: { text: string; until: number } | undefined;
  return async (renew) => {
    if (known === undefined || renew || clock.now() >= known.until) {
      known = { text: (await readFile(path, "utf8")).trim(), until: clock.now() + TOKEN_LIFE_MS };
    }
    return known.text;
  };
};

export interface InClusterOptions {
  readonly host: string;
  readonly port: string;
  readonly clock: Clock;
  /** Where the pod's ServiceAccount is mounted. */
  readonly directory?: string;
}

/** A pod's own access, by its ServiceAccount. Rejects when none is mounted. */
export const inClusterAccess = async (options: InClusterOptions): Promise<Access> => {
  const directory = options.directory ?? ACCOUNT;
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const token = tokenFromFile(`${directory}/token`, options.clock);
  await token(true);
  return {
    server: `https://${host}:${options.port}`,
    tls: { ca: await readFile(`${directory}/ca.crt`, "utf8") },
    token,
    namespace: (await readFile(`${directory}/namespace`, "utf8")).trim(),
  };
};
