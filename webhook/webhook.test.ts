import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reviewOf, type RunningWebhook, startWebhook } from "../test/helpers/webhook.ts";
import { MAX_BODY } from "./listen/body.ts";

let running: RunningWebhook;
beforeAll(async () => {
  running = await startWebhook();
});
afterAll(() => running[Symbol.asyncDispose]());

const PATHS = [
  "/admit-service/mutate",
  "/admit-service/validate",
  "/admit-config",
  "/admit-workload",
] as const;
const ON = { "autoscaling.knative.dev/min-scale": "0" };

const service = (metadata: Record<string, unknown>, spec: Record<string, unknown> = {}) => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "hello", namespace: "default", ...metadata },
  spec: { ports: [{ port: 80 }], ...spec },
});

const responseOf = async (path: string, body: string) => {
  const answer = await running.post(path, body);
  expect(answer.status).toBe(200);
  return answer.body["response"] as {
    uid: string;
    allowed: boolean;
    warnings?: string[];
    patch?: string;
    patchType?: string;
    status?: { message: string };
  };
};

describe("a request that is no review", () => {
  const good = reviewOf("Service", service({}));

  test.each([
    [
      "another path",
      "/resource-validation",
      good,
      {},
      400,
      "no controller registered for: /resource-validation",
    ],
    ["a name of Object's", "/__proto__", good, {}, 400, "no controller registered for: /__proto__"],
    [
      "another type",
      PATHS[0],
      good,
      { "Content-Type": "text/plain" },
      415,
      "invalid Content-Type, want `application/json`",
    ],
    [
      "a type with a parameter",
      PATHS[0],
      good,
      { "Content-Type": "application/json; charset=utf-8" },
      415,
      "invalid Content-Type, want `application/json`",
    ],
    ["no JSON", PATHS[0], "{", {}, 400, /^could not decode body: /],
    ["an empty body", PATHS[0], "", {}, 400, /^could not decode body: /],
    [
      "another kind",
      PATHS[0],
      '{"kind":"Pod","apiVersion":"v1"}',
      {},
      400,
      /^could not decode body: .*want AdmissionReview/,
    ],
    [
      "an unknown version",
      PATHS[0],
      good.replace("admission.k8s.io/v1", "admission.k8s.io/v2"),
      {},
      400,
      /want admission.k8s.io\/v1/,
    ],
    [
      "annotations of a wrong type",
      PATHS[1],
      reviewOf("Service", service({ annotations: { a: 1 } })),
      {},
      400,
      /^decoding request failed: cannot decode incoming new object: metadata.annotations.a/,
    ],
    [
      "a spec of a wrong type",
      PATHS[1],
      reviewOf("Service", { metadata: {}, spec: [] }),
      {},
      400,
      /^decoding request failed: cannot decode incoming new object: spec/,
    ],
    ["too large", PATHS[0], " ".repeat(MAX_BODY + 1), {}, 413, /larger than 3145728 bytes/],
  ] as const)("%s", async (...[, path, body, headers, status, message]) => {
    const answer = await running.post(path, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ kind: "Status", status: "Failure", code: status });
    if (typeof message === "string") expect(answer.body["message"]).toBe(message);
    else expect(answer.body["message"]).toMatch(message);
  });

  test("too large without saying so first", async () => {
    const answer = await running.post(PATHS[0], " ".repeat(MAX_BODY * 2), {
      "Transfer-Encoding": "chunked",
    });
    expect(answer.status).toBe(413);
  });
});

describe("Services", () => {
  test("all problems at once, Knative's and our own", async () => {
    const annotations = {
      "autoscaling.knative.dev/min-scale": "-1",
      "autoscaling.knative.dev/window": "365h",
      "pilotlight.dev/queue-depth": "none",
    };
    const { allowed, status } = await responseOf(PATHS[1], reviewOf("Service", service({ annotations })));
    expect(allowed).toBe(false);
    expect(status?.message).toBe(
      [
        "validation failed: expected 0 <= -1 <= 2147483647: metadata.annotations.autoscaling.knative.dev/min-scale",
        "expected 6s <= 365h <= 1h0m0s: metadata.annotations.autoscaling.knative.dev/window",
        "invalid value: none: metadata.annotations.pilotlight.dev/queue-depth",
      ].join("\n"),
    );
  });

  test("an update that changes no setting is let in with a warning, whatever was there before", async () => {
    const annotations = { "autoscaling.knative.dev/min-scale": "-1" };
    const oldObject = service({ annotations, finalizers: ["x"] });
    const body = reviewOf("Service", service({ annotations }), { operation: "UPDATE", oldObject });
    const { allowed, warnings } = await responseOf(PATHS[1], body);
    expect(allowed).toBe(true);
    expect(warnings?.[0]).toMatch(/^expected 0 <= -1/);
    const worse = service({ annotations: { ...annotations, "autoscaling.knative.dev/target": "1" } });
    const changed = reviewOf("Service", worse, { operation: "UPDATE", oldObject });
    expect((await responseOf(PATHS[1], changed)).allowed).toBe(false);
  });

  test("one that is being deleted is let go", async () => {
    const object = service({
      annotations: { "autoscaling.knative.dev/min-scale": "x" },
      deletionTimestamp: "2026-01-01T00:00:00Z",
    });
    expect((await responseOf(PATHS[1], reviewOf("Service", object))).allowed).toBe(true);
  });

  test("mutation answers with a JSON Patch, and with none where nothing is to do", async () => {
    const body = reviewOf("Service", service({ annotations: ON }, { selector: { app: "hello" } }));
    const { allowed, patch, patchType } = await responseOf(PATHS[0], body);
    expect({ allowed, patchType }).toEqual({ allowed: true, patchType: "JSONPatch" });
    expect(JSON.parse(Buffer.from(patch ?? "", "base64").toString())).toEqual([
      { op: "add", path: "/metadata/annotations/pilotlight.dev~1selector", value: "app=hello" },
      { op: "remove", path: "/spec/selector" },
    ]);
    const plain = await responseOf(
      PATHS[0],
      reviewOf("Service", service({}, { selector: { app: "hello" } })),
    );
    expect(plain).toEqual({ uid: plain.uid, allowed: true });
  });

  test.each([
    ["a ServiceAccount of ours", { userInfo: { username: "system:serviceaccount:pilotlight:autoscaler" } }],
    ["pilotlight restore", { options: { fieldManager: "pilotlight-restore" } }],
  ])("what %s writes is not moved", async (_, more) => {
    const oldObject = service({ annotations: { ...ON, "pilotlight.dev/selector": "app=hello" } });
    const restored = service({ annotations: ON }, { selector: { app: "hello" } });
    const body = reviewOf("Service", restored, { operation: "UPDATE", oldObject, ...more });
    expect((await responseOf(PATHS[0], body)).patch).toBeUndefined();
  });

  test.each([
    ["Knative's", { "networking.internal.knative.dev/serverlessservice": "x" }],
    ["our private", { "pilotlight.dev/service": "hello" }],
  ])("%s Services are let alone", async (_, labels) => {
    const object = service(
      { labels, annotations: { ...ON, "pilotlight.dev/anything": "?" } },
      { selector: { a: "b" } },
    );
    for (const path of [PATHS[0], PATHS[1]]) {
      const answer = await responseOf(path, reviewOf("Service", object));
      expect(answer).toEqual({ uid: answer.uid, allowed: true });
    }
  });
});

test("metrics: reviews by path and outcome, and when the certificate ends", async () => {
  const { status } = await running.post(`${PATHS[2]}?timeout=5s`, reviewOf("ConfigMap", {}));
  expect(status).toBe(200);
  const text = await (await fetch(`http://127.0.0.1:${running.webhook.adminPort}/metrics`)).text();
  expect(text).toMatch(/^pilotlight_webhook_reviews_total{path="\/admit-config",outcome="allowed"} \d+$/m);
  expect(text).toMatch(/^pilotlight_webhook_reviews_total{path="other",outcome="bad_request"} \d+$/m);
  const [, expiry] = /^pilotlight_webhook_certificate_expiry_seconds (\S+)$/m.exec(text) ?? [];
  expect(Number(expiry) * 1000).toBeGreaterThan(Date.now());
});
