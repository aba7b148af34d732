/** The webhook's settings. */
import * as z from "zod/mini";
import { amount, optionalSetting, port, setting } from "#core/setting.ts";
import type { Millis } from "#core/clock.ts";

/** The webhook's settings by the names they have in the environment; every one has a default. */
export const webhookEnv = z.object({
  PILOTLIGHT_HOST: setting(z.string(), "0.0.0.0", "address the HTTPS and admin ports listen on"),
  PILOTLIGHT_WEBHOOK_PORT: setting(port, 8443, "HTTPS port that the API server calls; 0 = a free one"),
  PILOTLIGHT_ADMIN_PORT: setting(port, 9090, "port of /metrics, /healthz and /readyz; 0 = a free one"),
  PILOTLIGHT_DRAIN_SECONDS: setting(
    amount(0, 3600),
    10,
    "how long it keeps answering after it stopped being ready",
  ),
  PILOTLIGHT_WEBHOOK_SERVICE: setting(
    z.string(),
    "pilotlight-webhook",
    "the Service that the API server calls; the certificate is made for its name",
  ),
  PILOTLIGHT_WEBHOOK_SECRET: setting(
    z.string(),
    "pilotlight-webhook-certificate",
    "the Secret that keeps the certificate, in the webhook's namespace",
  ),
  PILOTLIGHT_WEBHOOK_CONFIGURATION: setting(
    z.string(),
    "pilotlight",
    "name of the webhook configurations, mutating and validating, that are told whom to trust",
  ),
  PILOTLIGHT_CERTIFICATE_DIR: optionalSetting(
    z.string(),
    "directory with tls.crt and tls.key kept by somebody else (cert-manager); unset = the webhook makes its own",
  ),
  PILOTLIGHT_STRICT_KNATIVE: setting(
    z.stringbool(),
    false,
    "check exactly as Knative does, its accidents included",
  ),
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
