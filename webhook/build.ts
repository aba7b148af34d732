/** Puts the webhook together. */
import type { Registry } from "prom-client";
import { createAdmin } from "#core/admin.ts";
import type { ConfigSource } from "#core/autoscaler-config.ts";
import type { Clock } from "#core/clock.ts";
import { rulesFor } from "#core/divergences.ts";
import { type Part, startAll, stopAll } from "#core/lifecycle.ts";
import type { Logger } from "#core/log.ts";
import { validateConfigMap } from "./admit/config-map.ts";
import { reviewAutoscaler } from "./admit/workload.ts";
import { mutateService, validateService } from "./admit/service.ts";
import type { WebhookConfig } from "./config.ts";
import type { Reviewers } from "./listen/answer.ts";
import { certificateFiles } from "./listen/certificate-files.ts";
import { CertificateKeeper } from "./listen/certificate-keeper.ts";
import type { CertificateSource } from "./listen/certificate.ts";
import { createWebhookServer } from "./listen/server.ts";
import { createWebhookMetrics } from "./metrics.ts";
import type { SecretStore, TrustPublisher, Workloads } from "./ports.ts";
import type { ReviewRequest } from "./review.ts";

export interface WebhookDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  readonly settings: WebhookConfig;
  /** The namespace that Pilotlight itself runs in. */
  readonly namespace: string;
  /** `config-autoscaler` in force. */
  readonly config: ConfigSource;
  readonly workloads: Workloads;
  readonly secret: SecretStore;
  readonly trust: TrustPublisher;
}

export interface Webhook extends Part {
  /** The HTTPS port; 0 before `start`. */
  readonly port: number;
  /** Where /metrics, /healthz and /readyz answer; undefined before `start`. */
  readonly adminPort: number | undefined;
}

/** The paths that the chart's webhook configurations name. */
export const paths = {
  mutateService: "/admit-service/mutate",
  validateService: "/admit-service/validate",
  config: "/admit-config",
  workload: "/admit-workload",
} as const;

/** How Pilotlight's own clients call themselves as field managers. */
const OUR_MANAGER = /^pilotlight(-|$)/;

/** The admission webhook: certificate, then the server that shows it, then the admin port that says so. */
export const buildWebhook = (deps: WebhookDeps): Webhook => {
  const { clock, log, registry, settings } = deps;
  const certificates = certificatesOf(deps);
  const metrics = createWebhookMetrics(registry, () => certificates.current()?.certificate);
  const reviewers = reviewersOf(deps);
  const { host, port, drainMs } = settings;
  const server = createWebhookServer({ clock, log, metrics, certificates, reviewers, host, port, drainMs });
  const ready = () => (server.serving ? undefined : "the webhook's HTTPS port does not take requests");
  const admin = createAdmin({ host, port: settings.adminPort, registry, ready });
  const keeper: Part = {
    name: certificates.name,
    start: () => certificates.start(),
    stop: () => Promise.resolve(certificates.stop()),
  };
  // The admin port comes first and goes last: liveness is answered while the certificate is waited for.
  const parts = [admin, keeper, server];
  return {
    name: "webhook",
    get port() {
      return server.port;
    },
    get adminPort() {
      return admin.port;
    },
    start: async () => {
      await startAll(parts, log);
      log.info({ port: server.port, adminPort: admin.port }, "the webhook serves");
    },
    stop: (signal) => stopAll(parts, log, signal),
  };
};

const reviewersOf = (deps: WebhookDeps): Reviewers => {
  const { config, workloads, namespace, settings } = deps;
  const rules = rulesFor(settings.strictKnative);
  const ourAccounts = `system:serviceaccount:${namespace}:`;
  const isOurWrite = ({ username, fieldManager }: ReviewRequest) =>
    username.startsWith(ourAccounts) || OUR_MANAGER.test(fieldManager);
  const service = { config, rules, workloads, isOurWrite };
  return {
    [paths.mutateService]: mutateService(service),
    [paths.validateService]: validateService(service),
    [paths.config]: validateConfigMap(rules),
    [paths.workload]: reviewAutoscaler(workloads),
  };
};

const certificatesOf = (deps: WebhookDeps): CertificateSource => {
  const { clock, log, secret, trust, namespace, settings } = deps;
  if (settings.certificateDir !== undefined) {
    return certificateFiles({ clock, log, directory: settings.certificateDir });
  }
  const { service } = settings;
  return new CertificateKeeper({
    clock,
    log,
    secret,
    trust,
    // The API server checks the first one (`clientConfig.service`).
    dnsNames: [`${service}.${namespace}.svc`, `${service}.${namespace}`, service],
    issue: async (dnsNames, now) => (await import("./listen/certificate-issue.ts")).issue(dnsNames, now),
  });
};

export { checkObjects, type Finding } from "./check.ts";
