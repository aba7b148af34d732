import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatFieldErrors } from "./field-error.ts";
import { ownKeys, readOwnAnnotations } from "./own.ts";
import { readScaleTarget } from "./scale-target.ts";

const PREFIX = "pilotlight.dev/";
const read = (annotations: Record<string, string>) =>
  readOwnAnnotations(
    Object.fromEntries(Object.entries(annotations).map(([key, value]) => [PREFIX + key, value])),
  );

const defaults = {
  scaleTarget: undefined,
  containerConcurrency: 0,
  timeoutMs: 300_000,
  responseStartTimeoutMs: 0,
  idleTimeoutMs: 0,
  queueDepth: 10_000,
  queueTimeoutMs: undefined,
  ignore: undefined,
  waitingPage: undefined,
  clientLimits: undefined,
  protocol: undefined,
  selector: undefined,
  localPort: undefined,
};

test("defaults", () => {
  expect(read({})).toEqual({ settings: defaults, errors: [] });
});

test("all of them", () => {
  const annotations = {
    "scale-target": "apps/v1/StatefulSet/hello",
    "container-concurrency": "7",
    "timeout-seconds": "600",
    "response-start-timeout-seconds": "10",
    "idle-timeout-seconds": "20",
    "queue-depth": "1",
    "queue-timeout-seconds": "30",
    "ignore-paths": "/healthz, /internal/*",
    "ignore-user-agents": "kube-probe/*,*Bot*",
    "ignore-cidrs": "10.0.0.0/8, fd00::/8,192.0.2.1",
    "ignore-status": "503",
    "waiting-page": "true",
    "waiting-page-title": "Hello",
    "waiting-page-theme": "dark",
    "max-connections": "1000",
    "max-connections-per-client": "10",
    "max-streams": "20",
    "max-stream-resets": "30",
    "max-control-frames": "40",
    protocol: "grpc",
    selector: "app=hello",
    "local-port": "8080",
  };
  expect(read(annotations)).toEqual({
    settings: {
      scaleTarget: { apiVersion: "apps/v1", kind: "StatefulSet", name: "hello" },
      containerConcurrency: 7,
      timeoutMs: 600_000,
      responseStartTimeoutMs: 10_000,
      idleTimeoutMs: 20_000,
      queueDepth: 1,
      queueTimeoutMs: 30_000,
      ignore: {
        paths: ["/healthz", "/internal/*"],
        userAgents: ["kube-probe/*", "*Bot*"],
        cidrs: ["10.0.0.0/8", "fd00::/8", "192.0.2.1"],
        status: 503,
      },
      waitingPage: { title: "Hello", theme: "dark" },
      clientLimits: {
        connections: 1000,
        connectionsPerClient: 10,
        streams: 20,
        resets: 30,
        controlFrames: 40,
      },
      protocol: "h2c",
      selector: { app: "hello" },
      localPort: 8080,
    },
    errors: [],
  });
  expect(
    Object.keys(annotations)
      .map((key) => PREFIX + key)
      .sort(),
  ).toEqual(Object.values(ownKeys).sort());
});

test.each([
  ["container-concurrency", "-1", "expected 0 <= -1 <= 1000"],
  ["container-concurrency", "1001", "expected 0 <= 1001 <= 1000"],
  ["timeout-seconds", "0", "expected 1 <= 0 <= 86400"],
  ["timeout-seconds", "5m", "invalid value: 5m"],
  ["response-start-timeout-seconds", "99999999999999999999", "expected 0 <= 99999999999999999999 <= 86400"],
  ["idle-timeout-seconds", "1.5", "invalid value: 1.5"],
  ["queue-depth", "0", "expected 1 <= 0 <= 1000000"],
  ["queue-timeout-seconds", "0", "expected 1 <= 0 <= 86400"],
  ["ignore-paths", "healthz", "invalid value: healthz"],
  ["ignore-paths", "/a,,/b", "invalid value: /a,,/b"],
  ["ignore-paths", `/${"a".repeat(300)}`, `invalid value: /${"a".repeat(300)}`],
  ["ignore-user-agents", "", "invalid value: "],
  ["ignore-user-agents", Array(65).fill("a").join(","), `invalid value: ${Array(65).fill("a").join(",")}`],
  ["ignore-cidrs", "10.0.0.0/33", "invalid value: 10.0.0.0/33"],
  ["ignore-cidrs", "10.0.0/8", "invalid value: 10.0.0/8"],
  ["ignore-cidrs", "fe80::1%eth0/64", "invalid value: fe80::1%eth0/64"],
  ["ignore-status", "199", "expected 200 <= 199 <= 599"],
  ["waiting-page", "yes", "invalid value: yes"],
  ["waiting-page-title", "a\nb", "invalid value: a\nb"],
  ["waiting-page-theme", "pink", "invalid value: pink"],
  ["max-connections", "0", "expected 1 <= 0 <= 1000000"],
  ["max-connections-per-client", "many", "invalid value: many"],
  ["max-streams", "10001", "expected 1 <= 10001 <= 10000"],
  ["max-stream-resets", "-1", "expected 1 <= -1 <= 1000000"],
  ["max-control-frames", "1000001", "expected 1 <= 1000001 <= 1000000"],
  ["protocol", "HTTP", "invalid value: HTTP"],
  ["scale-target", "Deployment/hello", "invalid value: Deployment/hello"],
  ["selector", "app", "invalid value: app"],
  ["local-port", "65536", "expected 1 <= 65536 <= 65535"],
  ["timeout", "5", 'invalid key name "pilotlight.dev/timeout"'],
])("%s: %s", (key, value, message) => {
  const { settings, errors } = read({ [key]: value });
  expect(formatFieldErrors(errors)).toBe(`${message}: ${PREFIX}${key}`);
  expect(settings).toEqual(defaults);
});

test.each([
  ["http", "http1"],
  ["h2c", "h2c"],
  ["tcp", "tcp"],
  ["tls", "tcp"],
])("protocol %s", (text, protocol) => {
  expect(read({ protocol: text }).settings.protocol).toBe(protocol);
});

test.each([
  ["v1/ReplicationController/a", { apiVersion: "v1", kind: "ReplicationController", name: "a" }],
  ["example.com/v2beta1/Widget/a.b-c", { apiVersion: "example.com/v2beta1", kind: "Widget", name: "a.b-c" }],
  ["apps/v1/Deployment", undefined],
  ["apps/v1/Deployment/", undefined],
  ["apps/v1/deployment/a", undefined],
  ["a/apps/v1/Deployment/a", undefined],
  ["apps/one/Deployment/a", undefined],
  ["apps/v1/Deployment/A", undefined],
  [`apps/v1/Deployment/${"a".repeat(254)}`, undefined],
])("scale target %s", (text, want) => {
  expect(readScaleTarget(text)).toEqual(want);
});

test("no text makes it throw, and what is wrong never gets through", () => {
  const annotations = fc.dictionary(
    fc.constantFrom(...Object.values(ownKeys)),
    fc.oneof(fc.string(), fc.integer().map(String)),
  );
  fc.assert(
    fc.property(annotations, (given) => {
      const { settings } = readOwnAnnotations(given);
      expect(settings.timeoutMs).toBeGreaterThanOrEqual(1000);
      expect(settings.queueDepth).toBeGreaterThanOrEqual(1);
      expect(settings.containerConcurrency).toBeLessThanOrEqual(1000);
    }),
  );
});
