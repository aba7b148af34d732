/** The Grafana dashboard that the chart can install (charts/pilotlight/dashboards/pilotlight.json). */

interface Panel {
  readonly title: string;
  readonly unit: "s" | "reqps" | "short" | "cps";
  /** Prometheus expressions by legend. */
  readonly lines: Readonly<Record<string, string>>;
}

const chosen = 'namespace=~"$namespace",service=~"$service"';
/** The autoscaler's metrics name a Service with its namespace. */
const chosenId = 'service=~"($namespace)/($service)"';

const quantile = (q: number, metric: string): string =>
  `histogram_quantile(${q}, sum by (le) (rate(${metric}_bucket{${chosen}}[$__rate_interval])))`;

const spread = (metric: string): Record<string, string> => ({
  p50: quantile(0.5, metric),
  p95: quantile(0.95, metric),
  p99: quantile(0.99, metric),
});

export const panels: readonly Panel[] = [
  {
    title: "Requests by status",
    unit: "reqps",
    lines: { "{{code}}": `sum by (code) (rate(pilotlight_requests_total{${chosen}}[$__rate_interval]))` },
  },
  { title: "Time of a request", unit: "s", lines: spread("pilotlight_request_duration_seconds") },
  {
    title: "Requests in pods and waiting",
    unit: "short",
    lines: {
      "in pods": `sum(pilotlight_requests_in_flight{${chosen}})`,
      waiting: `sum(pilotlight_requests_queued{${chosen}})`,
    },
  },
  { title: "Time of a cold start", unit: "s", lines: spread("pilotlight_cold_start_seconds") },
  {
    title: "Cold starts by phase (mean)",
    unit: "s",
    lines: {
      "{{phase}}":
        `sum by (phase) (rate(pilotlight_cold_start_phase_seconds_sum{${chosen}}[$__rate_interval])) / ` +
        `sum by (phase) (rate(pilotlight_cold_start_phase_seconds_count{${chosen}}[$__rate_interval]))`,
    },
  },
  {
    title: "Cold starts by outcome",
    unit: "cps",
    lines: {
      "{{outcome}}": `sum by (outcome) (rate(pilotlight_cold_starts_total{${chosen}}[$__rate_interval]))`,
    },
  },
  {
    title: "Pods",
    unit: "short",
    lines: {
      wanted: `sum(pilotlight_autoscaler_wanted_pods{${chosenId}} >= 0)`,
      ready: `sum(pilotlight_autoscaler_ready_pods{${chosenId}})`,
      "not ready": `sum(pilotlight_autoscaler_not_ready_pods{${chosenId}})`,
    },
  },
  {
    title: "Metric against its target",
    unit: "short",
    lines: {
      "stable {{service}}": `pilotlight_autoscaler_stable_value{${chosenId}}`,
      "panic {{service}}": `pilotlight_autoscaler_panic_value{${chosenId}}`,
      "target {{service}}": `pilotlight_autoscaler_target_value{${chosenId}}`,
    },
  },
  {
    title: "What goes wrong",
    unit: "cps",
    lines: {
      "retried on another pod": `sum(rate(pilotlight_retries_total{${chosen}}[$__rate_interval]))`,
      "not a request": "sum(rate(pilotlight_refused_total[$__rate_interval]))",
      "workload not read or told": `sum(rate(pilotlight_autoscaler_failures_total{${chosenId}}[$__rate_interval]))`,
      "stat that cannot be right": "sum(rate(pilotlight_autoscaler_stats_rejected_total[$__rate_interval]))",
    },
  },
];

const WIDTH = 8;
const HEIGHT = 8;

const panelOf = ({ title, unit, lines }: Panel, i: number) => ({
  id: i + 1,
  type: "timeseries",
  title,
  gridPos: { x: (i % 3) * WIDTH, y: Math.floor(i / 3) * HEIGHT, w: WIDTH, h: HEIGHT },
  datasource: { type: "prometheus", uid: "${datasource}" },
  fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
  targets: Object.entries(lines).map(([legendFormat, expr], n) => ({
    refId: String.fromCharCode(65 + n),
    expr,
    legendFormat,
  })),
});

const variable = (name: string, query: string) => ({
  name,
  type: "query",
  datasource: { type: "prometheus", uid: "${datasource}" },
  query,
  refresh: 2,
  includeAll: true,
  allValue: ".*",
  multi: true,
  current: { text: "All", value: "$__all" },
});

export const dashboard = (): string =>
  `${JSON.stringify(
    {
      uid: "pilotlight",
      title: "Pilotlight",
      tags: ["pilotlight"],
      schemaVersion: 39,
      refresh: "10s",
      time: { from: "now-30m", to: "now" },
      templating: {
        list: [
          { name: "datasource", type: "datasource", query: "prometheus" },
          variable("namespace", "label_values(pilotlight_requests_in_flight, namespace)"),
          variable(
            "service",
            'label_values(pilotlight_requests_in_flight{namespace=~"$namespace"}, service)',
          ),
        ],
      },
      panels: panels.map(panelOf),
    },
    undefined,
    1,
  )}\n`;
