import { expect, test } from "vitest";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { podTemplateSchema, readObject, serviceSchema } from "./objects.ts";
import { fieldText } from "./problem.ts";
import { isScaled, revisionOf } from "./revision.ts";

const annotations = { "autoscaling.knative.dev/target": "5" };
const KEY = 'metadata.annotations["autoscaling.knative.dev/window"]';

interface Given {
  readonly spec?: object;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly container?: object;
}

const read = ({ spec, container, annotations: more }: Given) => {
  const service = readObject(
    serviceSchema,
    {
      metadata: { name: "hello", namespace: "shop", annotations: { ...annotations, ...more } },
      spec: { ports: [{ port: 80, targetPort: 8080 }], ...spec },
    },
    "",
  );
  const template = readObject(
    podTemplateSchema,
    { spec: { containers: [{ name: "app", ports: [{ containerPort: 8080, name: "web" }], ...container }] } },
    "",
  );
  if (!service.ok || !template.ok) throw new Error(JSON.stringify([service, template]));
  return revisionOf(service.value, template.value, defaultConfig);
};

const revision = (given: Given) => {
  const draft = read(given);
  if (!draft.ok) throw new Error(JSON.stringify(draft.problems));
  return draft.value;
};

test("a plain annotated Service gets every default", () => {
  expect(revision({})).toMatchObject({
    targets: [8080],
    revision: {
      id: "shop/hello",
      namespace: "shop",
      name: "hello",
      annotations,
      ports: [{ name: "", port: 80, protocol: "http1" }],
      probe: { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 10_000 },
      containerConcurrency: 0,
      queueDepth: 10_000,
      timeoutMs: 300_000,
      responseStartTimeoutMs: 0,
      idleTimeoutMs: 0,
    },
  });
});

test("our own annotations are limits and protocol", () => {
  const own = {
    "pilotlight.dev/container-concurrency": "3",
    "pilotlight.dev/queue-depth": "4",
    "pilotlight.dev/timeout-seconds": "5",
    "pilotlight.dev/response-start-timeout-seconds": "6",
    "pilotlight.dev/idle-timeout-seconds": "7",
    "pilotlight.dev/protocol": "grpc",
    "pilotlight.dev/local-port": "8080",
  };
  const { revision: found, own: settings } = revision({ annotations: own });
  expect(found).toMatchObject({
    containerConcurrency: 3,
    queueDepth: 4,
    timeoutMs: 5000,
    responseStartTimeoutMs: 6000,
    idleTimeoutMs: 7000,
  });
  expect(found.ports[0]!.protocol).toBe("h2c");
  expect(settings.localPort).toBe(8080);
});

const http = { kind: "http", portIndex: 0, path: "/", headers: [], timeoutMs: 1000, periodMs: 10_000 };

test.each<{ name: string; container: object; probe: object }>([
  { name: "httpGet by number", container: { readinessProbe: { httpGet: { port: 8080 } } }, probe: http },
  {
    name: "httpGet by name, with all it can have",
    container: {
      readinessProbe: {
        httpGet: { port: "web", path: "up", httpHeaders: [{ name: "A", value: "b" }] },
        timeoutSeconds: 2,
        periodSeconds: 3,
      },
    },
    probe: { ...http, path: "/up", headers: [["A", "b"]], timeoutMs: 2000, periodMs: 3000 },
  },
  {
    name: "tcpSocket",
    container: { readinessProbe: { tcpSocket: { port: 8080 } } },
    probe: { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 10_000 },
  },
  ...[
    { exec: { command: ["true"] } },
    { grpc: { port: 8080 } },
    { httpGet: { port: 9090 } },
    { httpGet: { port: "admin" } },
    { httpGet: { port: 8080, scheme: "HTTPS" } },
    { httpGet: { port: 8080, host: "10.0.0.1" } },
  ].map((readinessProbe) => ({
    name: JSON.stringify(readinessProbe),
    container: { readinessProbe },
    probe: { kind: "external" },
  })),
  {
    name: "startupProbe",
    container: { readinessProbe: { httpGet: { port: 8080 } }, startupProbe: { httpGet: { port: 8080 } } },
    probe: { kind: "external" },
  },
])("readiness by $name", ({ container, probe }) => {
  expect(revision({ container }).revision.probe).toEqual(probe);
});

test("ports of other protocols are left out, and counted in no index", () => {
  const ports = [
    { name: "dns", port: 53, protocol: "UDP" },
    { name: "web", port: 80, targetPort: "web" },
  ];
  const { revision: found, targets } = revision({ spec: { ports } });
  expect([found.ports.map(({ name }) => name), targets]).toEqual([["web"], [8080]]);
});

test.each<{ given: Given; field: string; message: string }>([
  {
    given: { spec: { type: "ExternalName", ports: [] } },
    field: "spec.type",
    message: "an ExternalName Service has no pods",
  },
  {
    given: { spec: { clusterIP: "None" } },
    field: "spec.clusterIP",
    message: "clients of a headless Service connect to the pods themselves, so nobody could wake it",
  },
  {
    given: { spec: { publishNotReadyAddresses: true } },
    field: "spec.publishNotReadyAddresses",
    message: "requests would go to pods that are not ready",
  },
  {
    given: { spec: { ports: [{ port: 53, protocol: "UDP" }] } },
    field: "spec.ports",
    message: "there is no TCP port",
  },
  {
    given: { spec: { ports: [{ port: 80, name: "a" }, { port: 81 }] } },
    field: "spec.ports[1].name",
    message: "missing: of several ports each must have a name",
  },
  {
    given: { spec: { ports: [80, 81].map((port) => ({ port, name: "a" })) } },
    field: "spec.ports[1].name",
    message: '"a" is the name of another port',
  },
  {
    given: { annotations: { "autoscaling.knative.dev/window": "5s" } },
    field: KEY,
    message: "expected 6s <= 5s <= 1h0m0s",
  },
  {
    given: { annotations: { "autoscaling.knative.dev/initialScale": "-1" } },
    field: 'metadata.annotations["autoscaling.knative.dev/initialScale"]',
    message: "invalid value: -1; autoscaling.knative.dev/initialScale must be greater than 0",
  },
  {
    given: { annotations: { "pilotlight.dev/queue-length": "1" } },
    field: 'metadata.annotations["pilotlight.dev/queue-length"]',
    message: 'invalid key name "pilotlight.dev/queue-length"',
  },
])("$field: $message", ({ given, field, message }) => {
  const draft = read(given);
  expect(draft.ok ? [] : draft.problems).toEqual([
    {
      object: "Service shop/hello",
      path: expect.any(Array),
      message,
      remedy: expect.stringMatching(/./),
    },
  ]);
  if (!draft.ok) expect(fieldText(draft.problems[0]!.path)).toBe(field);
});

test("every problem is told, not only the first", () => {
  const draft = read({
    spec: { clusterIP: "None", ports: [{ port: 80, targetPort: "nowhere" }] },
    annotations: { "autoscaling.knative.dev/window": "x", "autoscaling.knative.dev/min-scale": "y" },
  });
  expect(draft.ok ? 0 : draft.problems.length).toBe(4);
});

test.each([
  [{ "autoscaling.knative.dev/target": "1" }, true],
  [{ "pilotlight.dev/local-port": "1" }, false],
  [{}, false],
])("%j is scaled: %s", (annotations: Record<string, string>, expected) => {
  const metadata = { name: "a", namespace: "b", labels: {}, annotations };
  expect(isScaled({ metadata })).toBe(expected);
});
