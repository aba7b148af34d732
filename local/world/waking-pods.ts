import type { WakingEvent, WakingPods } from "#core/ports.ts";
import type { ServicePlan } from "../plan/plan.ts";
import type { Pod } from "../pod/pod.ts";
import { exitText } from "../pod/restart.ts";
import { destOf, type PodEvent, type WorldState } from "./state.ts";

/** What happens to pods, told as a cluster would tell it. */
export const createWakingPods = (state: WorldState): WakingPods => ({
  watch: (id, listener) => {
    const service = (): ServicePlan | undefined => state.services.get(id);
    const first = service();
    if (first !== undefined) for (const event of present(state, first)) listener(event);
    return state.podChanged.subscribe((event) => {
      const current = service();
      if (current === undefined || !current.workloads.includes(event.workload.id)) return;
      for (const told of translate(state, current, event)) listener(told);
    });
  },
});

const MADE = ["created", "scheduled"] as const;

const present = (state: WorldState, service: ServicePlan): WakingEvent[] => {
  const pods = state.podsOf(service).filter(({ phase }) => phase !== "stopping");
  const events = pods.flatMap((pod) => [
    ...MADE.map((phase): WakingEvent => ({ kind: "phase", pod: pod.name, phase })),
    ...(pod.pid === undefined ? [] : running(pod, service)),
  ]);
  return [...events, ...failure(pods)];
};

const translate = (state: WorldState, service: ServicePlan, { pod, change }: PodEvent): WakingEvent[] => {
  switch (change.kind) {
    case "created":
      return MADE.map((phase) => ({ kind: "phase", pod: pod.name, phase }));
    case "started":
      return change.pid === undefined ? [] : running(pod, service);
    case "exited":
      return failure(state.podsOf(service).filter(({ phase }) => phase !== "stopping"));
    case "stopping": {
      const dest = destOf(pod, service);
      return dest === undefined ? [] : [{ kind: "gone", key: dest.key }];
    }
    case "ready":
    case "unready":
    case "gone":
      return [];
  }
};

const running = (pod: Pod, service: ServicePlan): WakingEvent[] => {
  const dest = destOf(pod, service);
  const started: WakingEvent = { kind: "phase", pod: pod.name, phase: "started" };
  return dest === undefined ? [started] : [started, { kind: "address", dest }];
};

/** That none of the pods can start, when all of them wait to be started once more. */
const failure = (pods: readonly Pod[]): WakingEvent[] => {
  if (pods.length === 0 || pods.some(({ phase }) => phase !== "backoff")) return [];
  const { name, lastExit } = pods.at(-1)!;
  const reason = lastExit?.error === undefined ? "CrashLoopBackOff" : "RunContainerError";
  return [{ kind: "failed", reason, detail: `pod ${name}: ${lastExit ? exitText(lastExit) : "ended"}` }];
};
