import { expect, test } from "vitest";

import type { Revision } from "#core/revision.ts";
import { podsInSlices } from "./endpoints.ts";
import type { Endpoint, EndpointSlice } from "./objects.ts";

const revision = {
  ports: [
    { name: "http", port: 80, protocol: "http1" },
    { name: "metrics", port: 90, protocol: "http1" },
  ],
} as unknown as Revision;

const slice = (endpoints: Endpoint[], extra: Partial<EndpointSlice> = {}): EndpointSlice => ({
  metadata: { name: "s" },
  addressType: "IPv4",
  endpoints,
  ports: [
    { name: "metrics", port: 9090 },
    { name: "http", port: 8080 },
  ],
  ...extra,
});
const endpoint = (address: string, conditions?: Endpoint["conditions"]): Endpoint => ({
  addresses: [address],
  targetRef: { kind: "Pod", name: `pod-${address}`, uid: `uid-${address}` },
  ...(conditions === undefined ? {} : { conditions }),
});

test("ports are found by name; no word about readiness means ready; ending pods only count", () => {
  const pods = podsInSlices(
    [
      slice([
        endpoint("10.0.0.2", { ready: true }),
        endpoint("10.0.0.1"),
        endpoint("10.0.0.3", { ready: false }),
        endpoint("10.0.0.4", { ready: false, serving: true, terminating: true }),
      ]),
    ],
    revision,
  );
  expect(pods.ready).toEqual([
    { key: "10.0.0.1:8080", host: "10.0.0.1", ports: [8080, 9090], pod: "pod-10.0.0.1" },
    { key: "10.0.0.2:8080", host: "10.0.0.2", ports: [8080, 9090], pod: "pod-10.0.0.2" },
  ]);
  expect(pods.notReady.map(({ key }) => key)).toEqual(["10.0.0.3:8080"]);
  expect(pods.terminating).toBe(1);
});

test("a pod with two families counts once; an IPv6 address is written as one", () => {
  const both = { ...endpoint("10.0.0.1"), targetRef: { uid: "same" } };
  const six = { addresses: ["fd00::1"], targetRef: { uid: "same" } };
  const pods = podsInSlices([slice([six], { addressType: "IPv6" }), slice([both])], revision);
  expect(pods.ready.map(({ key }) => key)).toEqual(["10.0.0.1:8080"]);
  expect(podsInSlices([slice([six], { addressType: "IPv6" })], revision).ready[0]?.key).toBe(
    "[fd00::1]:8080",
  );
});

test("a slice that lacks a port of the revision has no dests", () => {
  const lacking = slice([endpoint("10.0.0.1")], { ports: [{ name: "http", port: 8080 }] });
  expect(podsInSlices([lacking], revision)).toEqual({ ready: [], notReady: [], terminating: 0 });
});

test("an empty slice, as Kubernetes makes one for no pods", () => {
  expect(podsInSlices([slice([], { endpoints: null, ports: null })], revision).ready).toEqual([]);
});
