import { homedir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { Registry } from "prom-client";
import * as z from "zod/mini";
import { amount, optionalSetting, setting } from "#core/setting.ts";
import { type Clock, type Millis, systemClock } from "#core/clock.ts";
import { EnvError, EXIT_BAD_INPUT, parseEnv } from "#core/env.ts";
import { shedStartUp } from "#core/heap.ts";
import { type Access, inClusterAccess } from "#core/kube/access.ts";
import { createKubeClient, type KubeClient } from "#core/kube/client.ts";
import { type Part, startAll, stopAll } from "#core/lifecycle.ts";
import { createLogger, type Logger } from "#core/log.ts";
import { createRegistry } from "#core/metrics.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The settings that every component on a cluster has. */
export const componentEnv = z.object({
  PILOTLIGHT_LOG_LEVEL: setting(
    z.enum([...Object.keys(pino.levels.values), "silent"]),
    "info",
    "least level of a log line: trace, debug, info, warn, error, fatal or silent",
  ),
  PILOTLIGHT_NAMESPACE: optionalSetting(
    z.string(),
    "the namespace that Pilotlight runs in; unset = the pod's own, or the kubeconfig's",
  ),
  PILOTLIGHT_GRACE_SECONDS: setting(
    amount(0, 86_400),
    60,
    "how long a component may take to stop in good order before it is cut short",
  ),
  KUBERNETES_SERVICE_HOST: z.optional(z.string()),
  KUBERNETES_SERVICE_PORT: z._default(z.string(), "443"),
  KUBECONFIG: z.optional(z.string()),
});

/** What a component is built from. */
export interface ComponentContext {
  readonly clock: Clock;
  readonly log: Logger;
  readonly registry: Registry;
  readonly client: KubeClient;
  /** The namespace that Pilotlight runs in. */
  readonly namespace: string;
}

/**
 * Runs one component on a cluster until SIGTERM or SIGINT: reads its settings, reaches the API server, starts
 * the parts in order and stops them in reverse. Resolves with the exit code; bad settings are told and give 64.
 */
export const runComponent = async <T extends z.ZodMiniType>(
  name: string,
  schema: T,
  build: (settings: z.output<T>, context: ComponentContext) => readonly Part[],
): Promise<number> => {
  const settings = readSettings(schema, process.env);
  if (settings instanceof EnvError) {
    process.stderr.write(`pilotlight ${name}: ${settings.message}\n`);
    return EXIT_BAD_INPUT;
  }
  const { own, component } = settings;
  const context = await openCluster(name, component);
  const { clock, log } = context;
  const parts = build(own, context);
  const signalled = firstSignal();
  const started = await Promise.race([startAll(parts, log), signalled]);
  // A cluster that cannot be reached must not keep a component from ending.
  if (started !== undefined) return end(parts, context, AbortSignal.abort());
  log.info({ namespace: context.namespace }, "started");
  clock.after(SETTLED_MS, shedStartUp);
  log.info({ signal: await signalled }, "stopping");
  const hurry = new AbortController();
  clock.after(component.PILOTLIGHT_GRACE_SECONDS * 1000, () => hurry.abort());
  void firstSignal().then(() => hurry.abort());
  return end(parts, context, hurry.signal);
};

const end = async (parts: readonly Part[], { log, client }: ComponentContext, signal: AbortSignal) => {
  await stopAll(parts, log, signal);
  client.close();
  return 0;
};

/** Reaches the API server, as a pod or as a user. Log lines go to `fd`. */
export const openCluster = async (
  name: string,
  component: z.output<typeof componentEnv>,
  fd: 1 | 2 = 1,
): Promise<ComponentContext> => {
  const clock = systemClock;
  const log = createLogger({ level: component.PILOTLIGHT_LOG_LEVEL, component: name, fd });
  const access = await accessOf(component, clock);
  const client = createKubeClient({ access, clock, userAgent: `pilotlight-${name}` });
  const namespace = component.PILOTLIGHT_NAMESPACE ?? access.namespace;
  return { clock, log, client, namespace, registry: createRegistry({ processMetrics: true }) };
};

const readSettings = <T extends z.ZodMiniType>(schema: T, env: Env) => {
  try {
    return { own: parseEnv(schema, env), component: parseEnv(componentEnv, env) };
  } catch (error) {
    if (error instanceof EnvError) return error;
    throw error;
  }
};

/** In a pod by its ServiceAccount; elsewhere by the kubeconfig, as kubectl finds it. */
const accessOf = (env: z.output<typeof componentEnv>, clock: Clock): Promise<Access> => {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port, KUBECONFIG: path } = env;
  if (path !== undefined) return accessOfFile(path, clock);
  if (host !== undefined) return inClusterAccess({ host, port, clock });
  return accessOfFile(join(homedir(), ".kube", "config"), clock);
};

/** Loaded when it is needed: a pod has no use for YAML, and its memory. */
const accessOfFile = async (path: string, clock: Clock): Promise<Access> => {
  const { kubeconfigAccess } = await import("#core/kube/kubeconfig.ts");
  return kubeconfigAccess(path, { clock });
};

const firstSignal = (): Promise<string> =>
  new Promise((resolve) => {
    const onSignal = (signal: string): void => {
      for (const each of SIGNALS) process.off(each, onSignal);
      resolve(signal);
    };
    for (const each of SIGNALS) process.on(each, onSignal);
  });

/** By then a start is over, and those who waited for it have been served. */
const SETTLED_MS: Millis = 5000;
const SIGNALS = ["SIGTERM", "SIGINT"] as const;
