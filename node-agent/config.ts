/** The node agent's settings by the names they have in the environment. */
import { z } from "zod";

const port = z.coerce.number().int().min(0).max(65_535);

export const nodeAgentEnv = z.object({
  PILOTLIGHT_HOST: z.string().default("0.0.0.0").describe("address its ports listen on"),
  PILOTLIGHT_AGENT_PORT: port.default(9443).describe("port for the activators' questions"),
  PILOTLIGHT_ADMIN_PORT: port
    .default(9090)
    .describe("port of /metrics, /healthz and /readyz; 0 = a free one"),
  PILOTLIGHT_RUNTIME_SOCKET: z
    .string()
    .optional()
    .describe("the container runtime's socket; unset = containerd's, CRI-O's or k3s's, whichever is there"),
  PILOTLIGHT_AGENT_AUDIENCE: z
    .string()
    .default("pilotlight-node-agent")
    .describe("audience of the activators' tokens"),
  PILOTLIGHT_AGENT_ALLOWED: z
    .string()
    .default("")
    .transform((text) => new Set(text.split(",").filter((user) => user !== "")))
    .describe("users that may ask, by comma: system:serviceaccount:NAMESPACE:NAME"),
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
