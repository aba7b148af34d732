import { execFile } from "node:child_process";
import { promisify } from "node:util";

import type { Access } from "./access.ts";
import type { Clock } from "#core/clock.ts";
import { instantOfText } from "#core/clock.ts";

export interface ExecOptions {
  readonly apiVersion: string;
  readonly command: string;
  readonly args?: readonly string[] | null | undefined;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null | undefined;
}

interface ExecCredential {
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string };
}

const run = promisify(execFile);
/** A token of which the command told no end is asked for again after this time. */
const LIFE_MS = 600_000;
const MARGIN_MS = 30_000;

/**
 * A token from a credential command, as the clouds' kubeconfigs name one
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 * The command inherits our environment; what is added goes through the `env` program, so that this file
 * need not read the environment.
 */
export const tokenFromCommand = (exec: ExecOptions, clock: Clock): Access["token"] => {
  let known: { text: string | undefined; until: number } | undefined;
  const info = JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false },
  });
  const settings = [
    `KUBERNETES_EXEC_INFO=${info}`,
    ...(exec.env ?? []).map(({ name, value }) => `${name}=${value}`),
  ];
  return async (renew) => {
    if (known !== undefined && !renew && clock.now() < known.until) return known.text;
    const { stdout } = await run("env", [...settings, exec.command, ...(exec.args ?? [])]);
    const { status } = JSON.parse(stdout) as ExecCredential;
    const end = status?.expirationTimestamp;
    const until = end === undefined ? clock.now() + LIFE_MS : instantOfText(end) - MARGIN_MS;
    known = { text: status?.token, until };
    return known.text;
  };
};
