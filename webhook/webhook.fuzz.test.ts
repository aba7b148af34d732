import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { reviewOf, type RunningWebhook, startWebhook } from "../test/helpers/webhook.ts";
import { paths } from "./build.ts";

let running: RunningWebhook;
beforeAll(async () => {
  running = await startWebhook();
});
afterAll(() => running[Symbol.asyncDispose]());

const PATHS = Object.values(paths);
const ON = { "autoscaling.knative.dev/min-scale": "0" };

describe("whatever comes, there is an answer", () => {
  const answered = async (path: string, body: string | Buffer) => {
    const { status, body: answer } = await running.post(path, body);
    expect([200, 400, 413]).toContain(status);
    if (status === 200) {
      expect(answer).toMatchObject({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview" });
      expect(typeof (answer["response"] as { allowed: unknown }).allowed).toBe("boolean");
    } else {
      expect(typeof answer["message"]).toBe("string");
    }
  };
  const path = fc.constantFrom(...PATHS);

  test("bytes", async () => {
    await fc.assert(
      fc.asyncProperty(path, fc.uint8Array({ maxLength: 200 }), (path, bytes) =>
        answered(path, Buffer.from(bytes)),
      ),
      { numRuns: 150 },
    );
  });

  test("JSON of any shape", async () => {
    await fc.assert(fc.asyncProperty(path, fc.json({ maxDepth: 6 }), answered), { numRuns: 150 });
  });

  test("reviews with anything in any place", async () => {
    const anything = fc.jsonValue({ maxDepth: 3 });
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("__proto__", "constructor"),
    );
    const annotations = fc.oneof(
      fc.dictionary(
        fc.oneof(
          text,
          fc
            .constantFrom("min-scale", "window", "class", "target", "x")
            .map((key) => `autoscaling.knative.dev/${key}`),
          fc.constantFrom("selector", "timeout-seconds", "y").map((key) => `pilotlight.dev/${key}`),
        ),
        text,
      ),
      anything,
    );
    const object = fc.oneof(
      anything,
      fc.record(
        {
          metadata: fc.oneof(
            anything,
            fc.record({ name: text, annotations, labels: anything }, { requiredKeys: [] }),
          ),
          spec: fc.oneof(
            anything,
            fc.record({ selector: annotations, ports: anything, type: anything }, { requiredKeys: [] }),
          ),
          data: annotations,
        },
        { requiredKeys: [] },
      ),
    );
    const more = fc.record(
      {
        operation: fc.oneof(fc.constantFrom("CREATE", "UPDATE", "DELETE"), anything),
        name: anything,
        oldObject: object,
        userInfo: anything,
        options: anything,
        uid: anything,
      },
      { requiredKeys: ["operation"] },
    );
    await fc.assert(
      fc.asyncProperty(path, object, more, (path, object, more) =>
        answered(path, reviewOf("Service", object, more)),
      ),
      { numRuns: 800 },
    );
  });

  test.each(PATHS)("very deep nesting: %s", async (path) => {
    const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
    await answered(path, deep);
    const inside = reviewOf("Service", { metadata: { annotations: ON }, spec: { x: "DEEP" } }).replace(
      '"DEEP"',
      deep,
    );
    await answered(path, inside);
  });

  test("afterwards it still works", async () => {
    const { body } = await running.post(
      paths.validateService,
      reviewOf("Service", { metadata: { annotations: ON } }),
    );
    expect(body["response"]).toMatchObject({ allowed: true });
  });
});
