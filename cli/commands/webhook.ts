/** Runs the webhook with the Kubernetes API behind it: `pilotlight webhook`. */
import { defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import { ConfigFeed } from "#core/config-source.ts";
import { rulesFor } from "#core/divergences.ts";
import { concernsUs } from "#core/kube/claim.ts";
import { watchConfigMap } from "#core/kube/config-map.ts";
import type { Service, Workload } from "#core/kube/objects.ts";
import { pathOfAll, type Resource, resources } from "#core/kube/resources.ts";
import { kubeSecret } from "#core/kube/secret.ts";
import { Watched } from "#core/kube/watch.ts";
import { publishTrust } from "#core/kube/webhook-configuration.ts";
import {
  type HorizontalPodAutoscaler,
  slimAutoscaler,
  slimService,
  WorkloadGuard,
} from "#core/kube/workload-guard.ts";
import { slimWorkload } from "#core/kube/workload.ts";
import type { KubeObject } from "#core/kube/objects.ts";
import type { Millis } from "#core/clock.ts";
import type { Part } from "#core/lifecycle.ts";
import { buildWebhook } from "../../webhook/build.ts";
import { type WebhookConfig, webhookConfig, webhookEnv } from "../../webhook/config.ts";
import { command } from "../command.ts";
import { type ComponentContext, runComponent } from "../component.ts";

export const webhook = command({
  summary: "check, complete and warn of what is written to the cluster (runs in a pod)",
  usage: "",
  options: {},
  details: `
Settings are read from the environment; docs/reference.md lists them, docs/webhook.md says what is refused,
warned of and changed. It stops in good order on SIGTERM.`,
  run: () => runComponent("webhook", webhookEnv, (env, context) => partsOf(webhookConfig(env), context)),
});

/** 1. what reviews are judged by is watched, 2. the webhook itself. */
const partsOf = (settings: WebhookConfig, context: ComponentContext): Part[] => {
  const { clock, log, registry, client, namespace } = context;
  const rules = rulesFor(settings.strictKnative);
  const config = new ConfigFeed({
    initial: defaultConfig,
    parse: (data) => parseAutoscalerConfig(data, rules),
    log,
    registry,
  });
  const configMap = watchConfigMap({
    client,
    clock,
    log,
    namespace,
    name: "config-autoscaler",
    feed: (data) => config.feed(data),
  });
  const stores = storesOf(context);
  const configurations = (["mutating", "validating"] as const).map((kind) => ({
    kind,
    name: settings.configuration,
  }));
  const built = buildWebhook({
    clock,
    log,
    registry,
    settings,
    namespace,
    config,
    workloads: new WorkloadGuard(stores),
    secret: kubeSecret(client, namespace, settings.secret),
    trust: { publish: (caBundle) => publishTrust(client, configurations, caBundle) },
  });
  const configRead: Part = {
    name: "config-autoscaler read",
    start: () => Promise.race([configMap.firstSync, clock.sleep(CONFIG_PATIENCE)]),
    stop: () => Promise.resolve(),
  };
  return [configMap, ...Object.values(stores), configRead, built];
};

/** Better to judge by the defaults than not at all. */
const CONFIG_PATIENCE: Millis = 5_000;

const storesOf = ({ client, clock, log }: ComponentContext) => {
  const watch = <T extends KubeObject>(resource: Resource, keep: (object: T) => T | undefined): Watched<T> =>
    new Watched<T>({ client, clock, log, selection: { path: pathOfAll(resource) }, keep });
  return {
    services: watch<Service>(resources.services, (service) =>
      concernsUs(service) ? slimService(service) : undefined,
    ),
    deployments: watch<Workload>(resources.deployments, slimWorkload),
    statefulSets: watch<Workload>(resources.statefulSets, slimWorkload),
    autoscalers: watch<HorizontalPodAutoscaler>(resources.horizontalPodAutoscalers, slimAutoscaler),
  };
};
