/** The node agent's settings by the names they have in the environment. */
import * as z from "zod/mini";
import { described, optionalSetting, port, setting } from "#core/setting.ts";

const usersOf = (text: string): ReadonlySet<string> => new Set(text.split(",").filter((user) => user !== ""));

export const nodeAgentEnv = z.object({
  PILOTLIGHT_HOST: setting(z.string(), "0.0.0.0", "address its ports listen on"),
  PILOTLIGHT_AGENT_PORT: setting(port, 9443, "port for the activators' questions"),
  PILOTLIGHT_ADMIN_PORT: setting(port, 9090, "port of /metrics, /healthz and /readyz; 0 = a free one"),
  PILOTLIGHT_RUNTIME_SOCKET: optionalSetting(
    z.string(),
    "the container runtime's socket; unset = containerd's, CRI-O's or k3s's, whichever is there",
  ),
  PILOTLIGHT_AGENT_AUDIENCE: setting(
    z.string(),
    "pilotlight-node-agent",
    "audience of the activators' tokens",
  ),
  PILOTLIGHT_AGENT_ALLOWED: described(
    z.pipe(z._default(z.string(), ""), z.transform(usersOf)),
    "users that may ask, by comma: system:serviceaccount:NAMESPACE:NAME",
  ),
});

export interface NodeAgentConfig {
  readonly host: string;
  readonly port: number;
  readonly adminPort: number;
  readonly socket: string | undefined;
  readonly audience: string;
  readonly allowed: ReadonlySet<string>;
}

export const nodeAgentConfig = (env: z.output<typeof nodeAgentEnv>): NodeAgentConfig => ({
  host: env.PILOTLIGHT_HOST,
  port: env.PILOTLIGHT_AGENT_PORT,
  adminPort: env.PILOTLIGHT_ADMIN_PORT,
  socket: env.PILOTLIGHT_RUNTIME_SOCKET,
  audience: env.PILOTLIGHT_AGENT_AUDIENCE,
  allowed: env.PILOTLIGHT_AGENT_ALLOWED,
});
