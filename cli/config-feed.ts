import { defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Millis } from "#core/clock.ts";
import { ConfigFeed } from "#core/config-source.ts";
import { rulesFor } from "#core/divergences.ts";
import { watchConfigMap } from "#core/kube/config-map.ts";
import type { ConfigMap } from "#core/kube/objects.ts";
import type { Part } from "#core/lifecycle.ts";
import type { ComponentContext } from "./component.ts";

export interface ConfigOptions {
  readonly strictKnative: boolean;
  /** Told the exact error of a ConfigMap that cannot be used. */
  readonly rejected?: (error: string, object: ConfigMap) => void;
}

/** Better to go by the defaults than not at all. */
const PATIENCE_MS: Millis = 5000;
const NAME = "config-autoscaler";

/** The config in force as the ConfigMap of the cluster tells it, and the parts that keep it so. */
export const clusterConfig = (
  { client, clock, log, registry, namespace }: ComponentContext,
  { strictKnative, rejected }: ConfigOptions,
): { readonly config: ConfigFeed; readonly parts: readonly Part[] } => {
  const rules = rulesFor(strictKnative);
  const config = new ConfigFeed({
    initial: defaultConfig,
    parse: (data) => parseAutoscalerConfig(data, rules),
    log,
    registry,
  });
  const watch = watchConfigMap({
    client,
    clock,
    log,
    namespace,
    name: NAME,
    feed: (data, object) => {
      const result = config.feed(data);
      if (!result.ok) rejected?.(result.error, object);
    },
  });
  const read: Part = {
    name: `${NAME} read`,
    start: () => Promise.race([watch.firstSync, clock.sleep(PATIENCE_MS)]),
    stop: () => Promise.resolve(),
  };
  return { config, parts: [watch, read] };
};
