import { expect, test } from "vitest";

import type { Pod } from "./objects.ts";
import { progress } from "./pod-progress.ts";

const ports = [{ name: "http", port: 80, targetPort: "web" }, { port: 9090 }];
const pod = (status: object = {}, spec: object = {}, metadata: object = {}): Pod => ({
  metadata: { name: "p", namespace: "default", ...metadata },
  spec: { containers: [{ name: "app", ports: [{ name: "web", containerPort: 8080 }] }], ...spec },
  status,
});
const running = { containerStatuses: [{ name: "app", state: { running: {} } }] };

test("each phase and the address are told once, when they become known", () => {
  const steps = [
    pod(),
    pod({}, { nodeName: "n" }),
    pod({ podIP: "10.0.0.1" }, { nodeName: "n" }),
    pod({ podIP: "10.0.0.1", ...running }, { nodeName: "n" }),
    pod({ podIP: "10.0.0.1", ...running, phase: "Running" }, { nodeName: "n" }),
  ];
  const told = steps.map((now, i) =>
    progress(steps[i - 1], now, ports).map((event) => (event.kind === "phase" ? event.phase : event.kind)),
  );
  expect(told).toEqual([["created"], ["scheduled"], ["address"], ["started"], []]);
});

test("all at once, in the order of a pod's life; ports as the pod itself names them", () => {
  const now = pod({ podIP: "10.0.0.1", ...running }, { nodeName: "n" });
  const dest = { key: "10.0.0.1:8080", host: "10.0.0.1", ports: [8080, 9090], pod: "p" };
  expect(progress(undefined, now, ports)).toEqual([
    { kind: "phase", pod: "p", phase: "created" },
    { kind: "phase", pod: "p", phase: "scheduled" },
    { kind: "phase", pod: "p", phase: "started" },
    { kind: "address", dest },
  ]);
});

test.each([
  ["deleted", undefined],
  ["told to end", pod({ podIP: "10.0.0.1" }, {}, { deletionTimestamp: "2026-01-01T00:00:00Z" })],
  ["failed", pod({ podIP: "10.0.0.1", phase: "Failed" })],
])("a pod that is %s is gone, by its address, and once", (_, now) => {
  const before = pod({ podIP: "10.0.0.1" });
  expect(progress(before, now, ports)).toEqual([{ kind: "gone", key: "10.0.0.1:8080" }]);
  if (now !== undefined) expect(progress(now, now, ports)).toEqual([]);
  // Who saw it only at its end is told too.
  if (now !== undefined) expect(progress(undefined, now, ports)).toHaveLength(1);
});

test("another address is another dest", () => {
  const events = progress(pod({ podIP: "10.0.0.1" }), pod({ podIP: "10.0.0.2" }), ports);
  expect(events.map((event) => event.kind)).toEqual(["gone", "address"]);
});

test("a pod without the Service's named port has no address for us", () => {
  const events = progress(undefined, pod({ podIP: "10.0.0.1" }), [{ port: 80, targetPort: "other" }]);
  expect(events.map((event) => event.kind)).toEqual(["phase"]);
});
