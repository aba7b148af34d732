import { expect, test } from "vitest";
import type { Revision } from "#core/revision.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { ourSlice } from "../../test/helpers/kube-objects.ts";
import { MemoryStore } from "../../test/helpers/memory-store.ts";
import { SERVICE_PORT } from "./names.ts";
import type { EndpointSlice } from "./objects.ts";
import { slicePeers } from "./peers.ts";
import { SliceRoutes } from "./routes.ts";

const revision = {
  ports: [
    { name: "http", port: 80, protocol: "http1" },
    { name: "grpc", port: 90, protocol: "h2c" },
  ],
} as unknown as Revision;

const setUp = () => {
  const clock = new FakeClock();
  const slices = new MemoryStore<EndpointSlice>();
  const routes = new SliceRoutes({
    clock,
    slices,
    host: "::",
    revision: (id) => (id === "default/gone" ? undefined : revision),
  });
  return { clock, slices, routes };
};

test("a slice's port is that of the Service's port with its name", () => {
  const { slices, routes } = setUp();
  slices.put(ourSlice("a", 10_001, { portName: "grpc" }));
  expect(routes.list()).toEqual([{ id: "default/a", portIndex: 1, host: "::", port: 10_001 }]);
});

test("a port that was renamed just now is found by its number", () => {
  const { slices, routes } = setUp();
  slices.put(ourSlice("a", 10_001, { portName: "old", annotations: { [SERVICE_PORT]: "90" } }));
  expect(routes.list()).toMatchObject([{ portIndex: 1 }]);
  slices.put(ourSlice("a", 10_001, { portName: "old", annotations: { [SERVICE_PORT]: "7" } }));
  expect(routes.list()).toEqual([]);
});

test("a port is listened on for five seconds more, unless its slice comes back", async () => {
  const { clock, slices, routes } = setUp();
  let told = 0;
  routes.subscribe(() => told++);
  const slice = ourSlice("a", 10_001);
  slices.put(slice);
  slices.remove("default/a-pilotlight-x");
  await clock.advance(4999);
  expect(routes.list()).toHaveLength(1);
  slices.put(slice);
  await clock.advance(10);
  expect(routes.list()).toHaveLength(1);
  slices.remove("default/a-pilotlight-x");
  await clock.advance(5000);
  expect(routes.list()).toEqual([]);
  expect(told).toBe(5);
});

test("of two slices with one port the older has it; one without a revision has none", () => {
  const { slices, routes } = setUp();
  slices.put(ourSlice("b", 10_001, { creationTimestamp: "2026-02-01T00:00:00Z" }));
  slices.put(ourSlice("a", 10_001, { creationTimestamp: "2026-01-01T00:00:00Z" }));
  slices.put(ourSlice("gone", 10_002));
  expect(routes.list().map(({ id, port }) => `${id} ${port}`)).toEqual(["default/a 10001"]);
});

test("peers are the addresses of all slices of a Service, of one's own family", () => {
  const slices = new MemoryStore<EndpointSlice>();
  const peers = slicePeers(slices, "10.0.0.1");
  const told: string[] = [];
  peers.subscribe((id) => told.push(id));
  slices.put(ourSlice("a", 10_001, { addresses: ["10.0.0.1", "10.0.0.2"] }));
  slices.put(ourSlice("a", 10_002, { name: "a-2", addresses: ["10.0.0.2", "10.0.0.3"] }));
  slices.put({ ...ourSlice("a", 10_003, { name: "a-6", addresses: ["fd00::1"] }), addressType: "IPv6" });
  slices.put(ourSlice("b", 10_004, { addresses: ["10.0.0.9"] }));
  expect([...peers.addresses("default/a")].toSorted()).toEqual(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  expect(peers.addresses("default/none")).toEqual([]);
  expect(told).toEqual(["default/a", "default/a", "default/a", "default/b"]);
});
