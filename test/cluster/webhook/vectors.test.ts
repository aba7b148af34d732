import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { ApiError } from "#core/kube/api-error.ts";
import { createKubeClient, type KubeClient } from "#core/kube/client.ts";
import { kubeconfigAccess } from "#core/kube/kubeconfig.ts";
import { useCluster } from "../cluster.ts";
import { InstalledWebhook } from "./installed.ts";

/**
 * The recorded rows of Knative's checks, written to a real API server as dry runs. Annotations are judged under
 * the config in force, so here those rows count that were recorded under the defaults; test/webhook-vectors
 * has all of them.
 */

const directory = process.env["PILOTLIGHT_VECTORS"] ?? "../shared/vectors/open";
const rowsOf = <T>(family: string): T[] => {
  const file = `${directory}/${family}.jsonl`;
  if (!existsSync(file)) return [];
  const [, ...lines] = readFileSync(file, "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as T);
};

interface AnnotationRow {
  readonly id: string;
  readonly annotations: Record<string, string>;
  readonly config: Record<string, string>;
  readonly errors: readonly { message: string; paths: readonly string[] }[] | null;
}

interface ConfigRow {
  readonly id: string;
  readonly data: Record<string, string>;
  readonly error: string | null;
}

const annotations = rowsOf<AnnotationRow>("annotations").filter(
  ({ config, annotations }) => Object.keys(config).length === 0 && Object.keys(annotations).length > 0,
);
const configMaps = rowsOf<ConfigRow>("configmap");

const cluster = useCluster();
let webhook: InstalledWebhook;
let client: KubeClient;
let namespace: string;

beforeAll(async () => {
  webhook = new InstalledWebhook(cluster(), await cluster().freeNamespace());
  await webhook.install();
  const { port } = await webhook.start({ PILOTLIGHT_STRICT_KNATIVE: "true" });
  await webhook.lead(port);
  namespace = await cluster().freeNamespace();
  await webhook.inForce(namespace);
  const access = await kubeconfigAccess(cluster().kubeconfig, { clock: systemClock });
  client = createKubeClient({ access, clock: systemClock, userAgent: "vectors" });
});
afterAll(async () => {
  client.close();
  await webhook.remove();
});

/** What the API server says of the webhook's refusal; undefined when it takes the object. */
const refusal = async (path: string, object: object): Promise<string | undefined> => {
  try {
    await client.call({ method: "POST", path, query: { dryRun: "All" }, body: object });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return error.message.replace(/^admission webhook "[^"]+" denied the request: /, "");
  }
};

describe.runIf(annotations.length > 0)("annotations", () => {
  test(`${annotations.length} rows`, async () => {
    for (const { id, annotations: chosen, errors } of annotations) {
      const service = {
        metadata: { name: "hello", annotations: chosen },
        spec: { selector: { app: "hello" }, ports: [{ port: 80 }] },
      };
      const expected = errors?.map(
        ({ message, paths }) =>
          `${message}: ${paths.map((path) => `metadata.annotations.${path}`).join(", ")}`,
      );
      expect({ id, said: await refusal(`/api/v1/namespaces/${namespace}/services`, service) }).toEqual({
        id,
        said: expected && `validation failed: ${expected.join("\n")}`,
      });
    }
  });
});

describe.runIf(configMaps.length > 0)("configmap", () => {
  test(`${configMaps.length} rows`, async () => {
    for (const { id, data, error } of configMaps) {
      const map = { metadata: { name: "config-autoscaler" }, data };
      const said = await refusal(`/api/v1/namespaces/${webhook.namespace}/configmaps`, map);
      expect({ id, said }).toEqual({ id, said: error === null ? undefined : `validation failed: ${error}` });
    }
  });
});
