/** The webhook's metrics. */
import { X509Certificate } from "node:crypto";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Millis } from "#core/clock.ts";

export interface WebhookMetrics {
  /** `path` is one that the webhook serves, or `other`. */
  observe(path: string, outcome: string, ms: Millis): void;
}

/** The webhook's metrics, registered with `registry`. `certificate` gives the one that is shown, PEM. */
export const createWebhookMetrics = (
  registry: Registry,
  certificate: () => string | undefined = () => undefined,
): WebhookMetrics => {
  const reviews = new Counter({
    name: "pilotlight_webhook_reviews_total",
    help: "Admission reviews answered, by path and outcome (allowed, patched, denied, bad_request, failed).",
    labelNames: ["path", "outcome"],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: "pilotlight_webhook_review_seconds",
    help: "Time from the head of a review's request to its answer.",
    labelNames: ["path"],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [registry],
  });
  registry.registerMetric(
    new Gauge({
      name: "pilotlight_webhook_certificate_expiry_seconds",
      help: "When the certificate that is shown ends, in seconds since the epoch.",
      registers: [],
      collect() {
        const pem = certificate();
        if (pem !== undefined) this.set(new X509Certificate(pem).validToDate.getTime() / 1000);
      },
    }),
  );
  return {
    observe: (path, outcome, ms) => {
      reviews.inc({ path, outcome });
      seconds.observe({ path }, ms / 1000);
    },
  };
};
