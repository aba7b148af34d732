/** `pilotlight explain` says why a Service has its number of pods, and what keeps it from zero. */
import { EnvError, EXIT_BAD_INPUT, parseEnv } from "#core/env.ts";
import { isAlive } from "../../local/run/proc.ts";
import { readRuns, runFolder } from "../../local/run/run-file.ts";
import { command, UsageError } from "../command.ts";
import { componentEnv, openCluster } from "../component.ts";
import { type Answer, askCluster, askFirst } from "../explain/ask.ts";

export const explain = command({
  summary: "say why a Service has the number of pods that it has, and what keeps it from zero",
  usage: "[NAMESPACE/]SERVICE [-n NAMESPACE] [--admin URL | --cluster] [--json]",
  options: {
    namespace: {
      type: "string",
      short: "n",
      value: "NAMESPACE",
      help: "the Service's namespace (default: default)",
    },
    admin: { type: "string", value: "URL", help: "the admin port of an autoscaler: http://127.0.0.1:9090" },
    cluster: { type: "boolean", help: "ask the leading autoscaler of the cluster that kubectl uses" },
    json: { type: "boolean", help: "the explanation as one JSON object" },
  },
  details: `
Without --admin and --cluster it asks every pilotlight local that runs here. --cluster goes by way of the API server
(get on pods/proxy) and looks for Pilotlight in the namespace PILOTLIGHT_NAMESPACE, else in kubectl's.
Exit code: 0; 1 when nobody answers or knows the Service.`,
  run: async (values, operands) => {
    const service = serviceOf(operands, values.namespace ?? "default");
    if (values.admin !== undefined && values.cluster === true)
      throw new UsageError("give --admin or --cluster, not both");
    if (values.admin !== undefined && !URL.canParse(values.admin))
      throw new UsageError(`--admin ${values.admin}: not a URL`);
    try {
      const answer = values.cluster === true ? await fromCluster(service) : await here(values.admin, service);
      if (answer === undefined) return told(`no Service ${service} is scaled there`, 1);
      process.stdout.write(values.json === true ? `${JSON.stringify(answer)}\n` : `${answer.text}\n`);
      return 0;
    } catch (error) {
      return told((error as Error).message, error instanceof EnvError ? EXIT_BAD_INPUT : 1);
    }
  },
});

const serviceOf = ([name, ...more]: readonly string[], namespace: string): string => {
  if (name === undefined || more.length > 0) throw new UsageError("which Service? [NAMESPACE/]SERVICE");
  const key = name.includes("/") ? name : `${namespace}/${name}`;
  if (!/^[^/]+\/[^/]+$/.test(key)) throw new UsageError(`${JSON.stringify(name)}: write [NAMESPACE/]SERVICE`);
  return key;
};

const here = (admin: string | undefined, service: string): Promise<Answer | undefined> => {
  const urls = admin === undefined ? localAdmins() : [admin];
  if (urls.length === 0)
    throw new Error("no pilotlight local runs here; name an autoscaler with --admin URL, or --cluster");
  return askFirst(urls, service);
};

const localAdmins = (): string[] =>
  readRuns(runFolder(process.env))
    .filter(({ owner }) => isAlive(owner))
    .flatMap(({ admin }) => admin ?? []);

const fromCluster = async (service: string): Promise<Answer | undefined> => {
  const settings = parseEnv(componentEnv, { PILOTLIGHT_LOG_LEVEL: "warn", ...process.env });
  const { client, namespace } = await openCluster("explain", settings, 2);
  try {
    return await askCluster(client, namespace, service);
  } finally {
    client.close();
  }
};

const told = (message: string, code: number): number => {
  process.stderr.write(`pilotlight explain: ${message}\n`);
  return code;
};
