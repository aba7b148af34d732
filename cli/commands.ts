/** The table of all commands. */
import type { Command } from "./command.ts";

/** A command is loaded when it is called, so that `--help` and a small command start fast. */
interface Entry {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

/** Every command, in the order of the help. A new one is a file in `commands/` and an entry here. */
export const commands: Readonly<Record<string, Entry>> = {
  local: {
    summary: "run the Services of some manifests on this machine; pods are processes",
    load: async () => (await import("./commands/local.ts")).local,
  },
  activator: {
    summary: "hold requests of idle Services, wake them, forward to their pods (runs in a pod)",
    load: async () => (await import("./commands/activator.ts")).activator,
  },
  autoscaler: {
    summary: "decide how many pods each Service has, and route it (runs in a pod)",
    load: async () => (await import("./commands/autoscaler.ts")).autoscaler,
  },
  webhook: {
    summary: "check, complete and warn of what is written to the cluster (runs in a pod)",
    load: async () => (await import("./commands/webhook.ts")).webhook,
  },
  "node-agent": {
    summary: "tell activators a starting pod's address before kubelet does (runs in a pod on each node)",
    load: async () => (await import("./commands/node-agent.ts")).nodeAgent,
  },
  validate: {
    summary: "check manifests as the webhook would, without a cluster",
    load: async () => (await import("./commands/validate.ts")).validate,
  },
  explain: {
    summary: "say why a Service has the number of pods that it has, and what keeps it from zero",
    load: async () => (await import("./commands/explain.ts")).explain,
  },
  advise: {
    summary: "say what makes a Service slow to wake, with milliseconds where they are known",
    load: async () => (await import("./commands/advise.ts")).advise,
  },
  restore: {
    summary: "give Services back to their own pods, as they were before Pilotlight",
    load: async () => (await import("./commands/restore.ts")).restore,
  },
};
