import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import { reviewOf, type RunningWebhook, startWebhook } from "./helpers/webhook.ts";

/** Every recorded row of Knative's checks, through the admission endpoint over real HTTPS. */

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
  readonly errors: readonly { message: string; paths: readonly string[]; details?: string }[] | null;
}

interface ConfigRow {
  readonly id: string;
  readonly data: Record<string, string>;
  readonly error: string | null;
}

const annotations = rowsOf<AnnotationRow>("annotations");
const configMaps = rowsOf<ConfigRow>("configmap");
if (annotations.length + configMaps.length === 0) {
  console.log(`no vectors in ${directory}: the admission endpoint is tested on the tables alone`);
}

let running: RunningWebhook;
beforeAll(async () => {
  running = await startWebhook({ strictKnative: true });
});
afterAll(() => running[Symbol.asyncDispose]());

/** What the endpoint says: undefined when it lets the object in. */
const refusal = async (path: string, body: string): Promise<string | undefined> => {
  const { status, body: review } = await running.post(path, body);
  expect(status).toBe(200);
  const { allowed, status: reason } = review["response"] as {
    allowed: boolean;
    status?: { code: number; reason: string; message: string };
  };
  if (allowed) return undefined;
  expect(reason).toMatchObject({ code: 400, reason: "BadRequest" });
  return reason?.message;
};

/** Knative's text for errors at `metadata.annotations`, put together from its parts. */
const expectedText = ({ errors }: AnnotationRow): string | undefined =>
  errors === null
    ? undefined
    : `validation failed: ${errors
        .map(({ message, paths, details }) => {
          const line = `${message}: ${paths.map((path) => `metadata.annotations.${path}`).join(", ")}`;
          return details === undefined ? line : `${line}\n${details}`;
        })
        .join("\n")}`;

describe.runIf(annotations.length > 0)("annotations", () => {
  test(`all ${annotations.length} rows`, async () => {
    for (const row of annotations) {
      const config = parseAutoscalerConfig(row.config);
      if (!config.ok) throw new Error(`${row.id}: ${config.error}`);
      running.config(config.config);
      const service = {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "hello", namespace: "default", annotations: row.annotations },
        spec: { selector: { app: "hello" }, ports: [{ port: 80, protocol: "TCP" }] },
      };
      const said = await refusal("/admit-service/validate", reviewOf("Service", service));
      expect({ id: row.id, said }).toEqual({ id: row.id, said: expectedText(row) });
    }
  });
});

describe.runIf(configMaps.length > 0)("configmap", () => {
  test(`all ${configMaps.length} rows`, async () => {
    for (const row of configMaps) {
      const map = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "config-autoscaler", namespace: "pilotlight" },
        data: row.data,
      };
      const said = await refusal("/admit-config", reviewOf("ConfigMap", map, { name: "config-autoscaler" }));
      const expected = row.error === null ? undefined : `validation failed: ${row.error}`;
      expect({ id: row.id, said }).toEqual({ id: row.id, said: expected });
    }
  });
});
