/** What the node agent counts. */
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export interface AgentMetrics {
  readonly questions: Counter<"outcome">;
  readonly search: Histogram;
  readonly runtimeErrors: Counter;
  readonly searching: Gauge;
}

export const createAgentMetrics = (registry: Registry, searching: () => number): AgentMetrics => {
  const registers = [registry];
  return {
    questions: new Counter({
      name: "pilotlight_agent_questions_total",
      help: "Questions by outcome: found, nothing (in time), unauthenticated, forbidden, unavailable.",
      labelNames: ["outcome"],
      registers,
    }),
    search: new Histogram({
      name: "pilotlight_agent_search_seconds",
      help: "From a question to the address.",
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    searching: new Gauge({
      name: "pilotlight_agent_searches",
      help: "Pods whose address somebody waits for; the runtime is asked only while this is above 0.",
      registers,
      collect() {
        this.set(searching());
      },
    }),
    runtimeErrors: new Counter({
      name: "pilotlight_agent_runtime_errors_total",
      help: "Questions to the container runtime that failed.",
      registers,
    }),
  };
};
