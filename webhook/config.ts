/** The webhook's settings. */
import { z } from "zod";
import type { Millis } from "#core/clock.ts";

const port = z.coerce.number().int().min(0).max(65_535);

/** The webhook's settings by the names they have in the environment; every one has a default. */
export const webhookEnv = z.object({
  PILOTLIGHT_HOST: z.string().default("0.0.0.0").describe("address the HTTPS and admin ports listen on"),
  PILOTLIGHT_WEBHOOK_PORT: port
    .default(8443)
    .describe("HTTPS port that the API server calls; 0 = a free one"),
  PILOTLIGHT_ADMIN_PORT: port
    .default(9090)
    .describe("port of /metrics, /healthz and /readyz; 0 = a free one"),
  PILOTLIGHT_DRAIN_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3600)
    .default(10)
    .describe("how long it keeps answering after it stopped being ready"),
  PILOTLIGHT_WEBHOOK_SERVICE: z
    .string()
    .default("pilotlight-webhook")
    .describe("the Service that the API server calls; the certificate is made for its name"),
  PILOTLIGHT_WEBHOOK_SECRET: z
    .string()
    .default("pilotlight-webhook-certificate")
    .describe("the Secret that keeps the certificate, in the webhook's namespace"),
  PILOTLIGHT_WEBHOOK_CONFIGURATION: z
    .string()
    .default("pilotlight")
    .describe("name of the webhook configurations, mutating and validating, that are told whom to trust"),
  PILOTLIGHT_CERTIFICATE_DIR: z
    .string()
    .optional()
    .describe(
      "directory with tls.crt and tls.key kept by somebody else (cert-manager); unset = the webhook makes its own",
    ),
  PILOTLIGHT_STRICT_KNATIVE: z
    .stringbool()
    .default(false)
    .describe("check exactly as Knative does, its accidents included"),
});

/** What `buildWebhook` needs to be told. */
export interface WebhookConfig {
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  /** 0 = a free one. */
  readonly adminPort: number;
  readonly drainMs: Millis;
  readonly service: string;
  readonly secret: string;
  readonly configuration: string;
  /** undefined = the webhook makes its own certificate. */
  readonly certificateDir: string | undefined;
  readonly strictKnative: boolean;
}

/** The settings of a parsed environment. */
export const webhookConfig = (env: z.output<typeof webhookEnv>): WebhookConfig => ({
  host: env.PILOTLIGHT_HOST,
  port: env.PILOTLIGHT_WEBHOOK_PORT,
  adminPort: env.PILOTLIGHT_ADMIN_PORT,
  drainMs: env.PILOTLIGHT_DRAIN_SECONDS * 1000,
  service: env.PILOTLIGHT_WEBHOOK_SERVICE,
  secret: env.PILOTLIGHT_WEBHOOK_SECRET,
  configuration: env.PILOTLIGHT_WEBHOOK_CONFIGURATION,
  certificateDir: env.PILOTLIGHT_CERTIFICATE_DIR,
  strictKnative: env.PILOTLIGHT_STRICT_KNATIVE,
});
