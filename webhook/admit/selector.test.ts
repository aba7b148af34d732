import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KPA } from "#core/annotations/keys.ts";
import { defaultConfig } from "#core/autoscaler-config.ts";
import { SELECTOR } from "#core/annotations/selector.ts";
import { applyPatch } from "../../test/helpers/json-patch.ts";
import { moveSelector } from "./selector.ts";
import { viewService } from "./service-view.ts";

type Service = {
  metadata: { annotations?: Record<string, string>; deletionTimestamp?: string };
  spec: {
    selector?: Record<string, string>;
    clusterIP?: string;
    ports: { port: number; protocol?: string }[];
  };
};

const ON = { "autoscaling.knative.dev/min-scale": "0" };
const app = { app: "hello" };

const service = (
  annotations: Record<string, string> | undefined,
  selector: Record<string, string> | undefined,
  spec: Partial<Service["spec"]> = {},
): Service => ({
  metadata: annotations === undefined ? {} : { annotations },
  spec: { ports: [{ port: 80 }], ...(selector !== undefined && { selector }), ...spec },
});

const move = (object: Service, old?: Service) =>
  moveSelector({
    object: viewService(object, object.spec, defaultConfig),
    old: old === undefined ? undefined : viewService(old, old.spec, defaultConfig),
  });

const admit = (object: Service, old?: Service): Service =>
  applyPatch(object, move(object, old).patch) as Service;

const manifest = service(ON, app);
const taken = service({ ...ON, [SELECTOR]: "app=hello" }, undefined);
const plain = service({}, app);

describe("on CREATE", () => {
  test("the selector of an annotated Service is kept aside at once", () => {
    expect(admit(manifest)).toEqual(taken);
  });

  test.each([
    ["not annotated", plain],
    ["only annotations of ours, none that switches on", service({ "pilotlight.dev/queue-depth": "5" }, app)],
    ["another autoscaler's class", service({ "autoscaling.knative.dev/class": "custom.example.com" }, app)],
    ["headless", service(ON, app, { clusterIP: "None" })],
    ["UDP only", service(ON, app, { ports: [{ port: 53, protocol: "UDP" }] })],
    ["no selector", service(ON, undefined)],
    ["an empty selector", service(ON, {})],
    ["a copy of one that was taken over", taken],
  ])("%s: left as it is", (_, object) => {
    expect(move(object).patch).toEqual([]);
  });

  test("a copy of one that was taken over, with the annotations taken out, gets its selector back", () => {
    expect(admit(service({ [SELECTOR]: "app=hello" }, undefined))).toEqual(plain);
  });
});

describe("on UPDATE", () => {
  test.each([
    { name: "the manifest applied again moves again", object: manifest, old: taken, after: taken },
    {
      name: "the manifest applied beside our annotation, as three-way merges do",
      object: service({ ...ON, [SELECTOR]: "app=hello" }, app),
      old: taken,
      after: taken,
    },
    {
      name: "a whole new object that drops our annotation",
      object: service(ON, undefined),
      old: taken,
      after: taken,
    },
    {
      name: "annotating a running Service is left to the autoscaler",
      object: manifest,
      old: plain,
      after: manifest,
    },
    { name: "the autoscaler's own take-over", object: taken, old: manifest, after: taken },
    {
      name: "half taken over: the autoscaler knows what is routed",
      object: service({ ...ON, [SELECTOR]: "app=hello" }, app),
      old: service({ ...ON, [SELECTOR]: "app=hello" }, app),
      after: service({ ...ON, [SELECTOR]: "app=hello" }, app),
    },
    {
      name: "annotations taken off: selector back, ours stays for the autoscaler to finish",
      object: service({ [SELECTOR]: "app=hello" }, undefined),
      old: taken,
      after: service({ [SELECTOR]: "app=hello" }, app),
    },
    {
      name: "all annotations edited out",
      object: service(undefined, undefined),
      old: taken,
      after: service(undefined, app),
    },
    { name: "the manifest without annotations applied", object: plain, old: taken, after: plain },
    {
      name: "it became something that cannot be routed",
      object: service({ ...ON, [SELECTOR]: "app=hello" }, undefined, {
        ports: [{ port: 53, protocol: "UDP" }],
      }),
      old: taken,
      after: service({ ...ON, [SELECTOR]: "app=hello" }, app, { ports: [{ port: 53, protocol: "UDP" }] }),
    },
    {
      name: "a selector taken off an ordinary Service stays off",
      object: service({}, undefined),
      old: plain,
      after: service({}, undefined),
    },
    {
      name: "a spoilt annotation is for validation to refuse",
      object: service({ ...ON, [SELECTOR]: "?" }, undefined),
      old: taken,
      after: service({ ...ON, [SELECTOR]: "?" }, undefined),
    },
  ])("$name", ({ object, old, after }) => {
    expect(admit(object, old)).toEqual(after);
  });

  test("another selector is moved too, and told", () => {
    const changed = service(ON, { app: "other" });
    expect(admit(changed, taken)).toEqual(service({ ...ON, [SELECTOR]: "app=other" }, undefined));
    expect(move(changed, taken).warnings).toEqual([
      "the selector changes from app=hello to app=other: other pods serve from now on",
    ]);
    expect(move(manifest, taken).warnings).toEqual([]);
  });

  test("one that is being deleted is left alone", () => {
    const object = service(ON, app);
    object.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
    expect(move(object, taken).patch).toEqual([]);
  });
});

describe("who owns the selector that was taken", () => {
  const managed = (manager: string, spec: object | undefined) => ({
    manager,
    operation: "Apply",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:metadata": {}, ...(spec && { "f:spec": spec }) },
  });

  test("nobody does afterwards; what else they own stays", () => {
    const object = structuredClone(manifest);
    Object.assign(object.metadata, {
      managedFields: [
        managed("kubectl-client-side-apply", { "f:ports": {}, "f:selector": {} }),
        managed("helm", { "f:selector": { ".": {}, "f:app": {} } }),
        managed("somebody", { "f:ports": {} }),
        managed("nobody", undefined),
      ],
    });
    const fields = (admit(object, taken).metadata as { managedFields?: unknown }).managedFields;
    expect(fields).toEqual([
      managed("kubectl-client-side-apply", { "f:ports": {} }),
      managed("helm", undefined),
      managed("somebody", { "f:ports": {} }),
      managed("nobody", undefined),
    ]);
  });

  test.each([["x"], [{}], [[null]], [[{ fieldsV1: "x" }]], [[{ fieldsV1: { "f:spec": null } }]]])(
    "managedFields %j are left as they are",
    (managedFields) => {
      const object = structuredClone(manifest);
      Object.assign(object.metadata, { managedFields });
      expect(admit(object).metadata).toMatchObject({ managedFields });
    },
  );
});

describe("whatever is written", () => {
  const annotations = fc.option(
    fc.record(
      {
        "autoscaling.knative.dev/min-scale": fc.constant("0"),
        "autoscaling.knative.dev/class": fc.constantFrom(KPA, "other"),
        [SELECTOR]: fc.constantFrom("app=hello", "app=other", "?"),
        "example.com/note": fc.constant("x"),
      },
      { requiredKeys: [] },
    ),
    { nil: undefined },
  );
  const selector = fc.constantFrom(undefined, {}, app, { app: "other" });
  const anyService = fc
    .tuple(annotations, selector, fc.constantFrom({}, { clusterIP: "None" }))
    .map(([notes, chosen, spec]) => service(notes as Record<string, string> | undefined, chosen, spec));

  test("admitting the result again changes nothing", () => {
    fc.assert(
      fc.property(anyService, fc.option(anyService, { nil: undefined }), (object, old) => {
        const once = admit(object, old);
        expect(move(once, old).patch).toEqual([]);
      }),
    );
  });

  test("the selector is never lost: what an update had, it still has, here or there", () => {
    fc.assert(
      fc.property(anyService, fc.option(anyService, { nil: undefined }), (object, old) => {
        const before = viewService(object, object.spec, defaultConfig);
        const after = admit(object, old);
        const view = viewService(after, after.spec, defaultConfig);
        if (before.selector !== undefined) expect(view.selector ?? view.kept).toEqual(before.selector);
      }),
    );
  });

  test("an update never takes a Service over: who is in force stays in force", () => {
    fc.assert(
      fc.property(anyService, anyService, (object, old) => {
        const before = viewService(object, object.spec, defaultConfig);
        const stored = viewService(old, old.spec, defaultConfig);
        fc.pre(before.selector !== undefined && stored.selector !== undefined);
        const after = admit(object, old);
        expect(viewService(after, after.spec, defaultConfig).selector).toEqual(before.selector);
      }),
    );
  });
});
