import { Registry } from "prom-client";
import { ActivatorMetrics } from "../../activator/metrics.ts";
import { autoscalerMetrics } from "../../autoscaler/metrics.ts";
import { createAgentMetrics } from "../../node-agent/metrics.ts";
import { createWebhookMetrics } from "../../webhook/metrics.ts";
import { markdownTable } from "./markdown.ts";

const parts: Record<string, (registry: Registry) => unknown> = {
  activator: (registry) =>
    new ActivatorMetrics(registry, {
      revisions: () => [],
      snapshot: () => ({ queued: 0, inFlight: 0 }),
    } as never),
  autoscaler: (registry) => autoscalerMetrics(registry, () => []),
  webhook: createWebhookMetrics,
  "node-agent": (registry) => createAgentMetrics(registry, () => 0),
};

interface Described {
  readonly name: string;
  readonly help: string;
  readonly type?: string;
  readonly labelNames?: readonly string[];
}

/** Every metric as each part registers it. */
export const metricsTable = (): string =>
  markdownTable(
    ["part", "metric", "type", "labels", "meaning"],
    Object.entries(parts).flatMap(([part, register]) => {
      const registry = new Registry();
      register(registry);
      return (registry.getMetricsAsArray() as unknown as Described[])
        .toSorted((a, b) => (a.name < b.name ? -1 : 1))
        .map((metric) => [
          part,
          `\`${metric.name}\``,
          typeOf(metric),
          (metric.labelNames ?? []).join(", "),
          metric.help,
        ]);
    }),
  );

/** prom-client's own metrics are known by their class, others say what they are. */
const typeOf = ({ type, constructor }: Described): string => type ?? constructor.name.toLowerCase();
