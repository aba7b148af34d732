/** `pilotlight restore`: gives Services back to their own pods. */
import * as z from "zod/mini";
import { millisOf } from "#core/clock.ts";
import { parseDuration } from "#core/duration.ts";
import { EXIT_BAD_INPUT, EnvError, parseEnv } from "#core/env.ts";
import { autoscalerEnv } from "../../autoscaler/config.ts";
import { command, UsageError } from "../command.ts";
import { componentEnv, openCluster } from "../component.ts";
import { restoreServices } from "../restore.ts";

const schema = z.extend(z.pick(autoscalerEnv, { PILOTLIGHT_ACTIVATOR_SERVICE: true }), componentEnv.shape);

const millis = (text: string): number => {
  const result = parseDuration(text);
  if (!result.ok || result.nanos <= 0n)
    throw new UsageError(`--timeout: ${JSON.stringify(text)} is no time; write 90s`);
  return millisOf(Number(result.nanos));
};

const settingsOf = (env: NodeJS.ProcessEnv): z.output<typeof schema> | EnvError => {
  try {
    return parseEnv(schema, { PILOTLIGHT_LOG_LEVEL: "warn", ...env });
  } catch (error) {
    if (error instanceof EnvError) return error;
    throw error;
  }
};

export const restore = command({
  summary: "give Services back to their own pods, as they were before Pilotlight",
  usage: "[NAMESPACE/NAME …] [--stop-autoscaler DEPLOYMENT] [--timeout TIME]",
  options: {
    "stop-autoscaler": {
      type: "string",
      value: "DEPLOYMENT",
      help: "first scale this Deployment in Pilotlight's namespace to 0, so that nothing is taken over again",
    },
    timeout: {
      type: "string",
      value: "TIME",
      help: "how long to wait for pods to get ready before a Service is given back without (default: 120s)",
    },
    namespace: {
      type: "string",
      short: "n",
      value: "NAMESPACE",
      help: "the namespace that Pilotlight runs in",
    },
  },
  details: `
For each Service: the workload gets back the replicas that it had, the Service its selector; when its own pods are
in its EndpointSlices, Pilotlight's slices and the Service NAME-private go. Without names it does so for all.
In a cluster where Pilotlight works, taking the annotations off does the same. Needs kubectl's access.`,
  run: async (values, operands) => {
    const timeoutMs = millis(values.timeout ?? "120s");
    const settings = settingsOf(process.env);
    if (settings instanceof EnvError) {
      process.stderr.write(`pilotlight restore: ${settings.message}\n`);
      return EXIT_BAD_INPUT;
    }
    for (const name of operands) {
      if (!/^[^/]+\/[^/]+$/.test(name)) throw new UsageError(`${JSON.stringify(name)}: write NAMESPACE/NAME`);
    }
    const cluster = await openCluster("restore", settings, 2);
    const context = values.namespace === undefined ? cluster : { ...cluster, namespace: values.namespace };
    return restoreServices(context, {
      only: operands,
      timeoutMs,
      autoscaler: values["stop-autoscaler"],
      activatorService: settings.PILOTLIGHT_ACTIVATOR_SERVICE,
      tell: (line) => process.stdout.write(`${line}\n`),
    });
  },
});
