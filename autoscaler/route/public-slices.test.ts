import { expect, test } from "vitest";

import type { EndpointSlice, ServicePort } from "#core/kube/objects.ts";
import { keyOf } from "#core/kube/objects.ts";
import { RouteModel } from "../../test/helpers/route-model.ts";
import { activatorPortOf } from "./public-slices.ts";
import { FIRST_PORT, LAST_PORT, reservePort } from "./reserve.ts";
import type { RouteState } from "./route-state.ts";
import { takeOver } from "./take-over.ts";

const selector = { app: "hello" };

/** Plans and performs until nothing is left to write; everybody listens at once. */
const settle = (model: RouteModel, change: (state: RouteState) => RouteState = (state) => state) => {
  for (let i = 0; i < 20; i++) {
    for (const write of takeOver(change(model.state()), selector).writes) model.perform(write);
    model.activatorsListen();
    model.othersKnown = true;
  }
  return model.ours;
};

const withPorts = (...ports: ServicePort[]) => {
  const model = new RouteModel(1);
  model.change({ spec: { ports } });
  return model;
};
const portsBy = (slices: readonly EndpointSlice[]) =>
  Object.fromEntries(slices.map((slice) => [slice.ports![0]!.name, activatorPortOf(slice)]));

test("each port has a slice and an activator port of its own", () => {
  const ports = portsBy(settle(withPorts({ name: "http", port: 80 }, { name: "grpc", port: 90 })));
  expect(Object.keys(ports).toSorted()).toEqual(["grpc", "http"]);
  expect(ports["http"]).not.toBe(ports["grpc"]);
  for (const port of Object.values(ports)) {
    expect(port).toBeGreaterThanOrEqual(FIRST_PORT);
    expect(port).toBeLessThanOrEqual(LAST_PORT);
  }
});

test("a port that is renamed, or gets another number, keeps its activator port", () => {
  const model = withPorts({ name: "http", port: 80 });
  const before = portsBy(settle(model))["http"];
  model.change({ spec: { ports: [{ name: "web", port: 80 }] } });
  expect(portsBy(settle(model))).toEqual({ web: before });
  model.change({ spec: { ports: [{ name: "web", port: 8000 }] } });
  expect(portsBy(settle(model))).toEqual({ web: before });
});

test("two ports that swap their names are served by what stands behind the names", () => {
  const model = withPorts({ name: "a", port: 80 }, { name: "b", port: 81 });
  const before = portsBy(settle(model));
  model.change({
    spec: {
      ports: [
        { name: "b", port: 80 },
        { name: "a", port: 81 },
      ],
    },
  });
  expect(portsBy(settle(model))).toEqual(before);
});

test("a port that is gone gives its reservation up; a new one gets one", () => {
  const model = withPorts({ name: "a", port: 80 }, { name: "b", port: 81 });
  settle(model);
  model.change({
    spec: {
      ports: [
        { name: "a", port: 80 },
        { name: "c", port: 82 },
      ],
    },
  });
  expect(Object.keys(portsBy(settle(model))).toSorted()).toEqual(["a", "c"]);
});

test("a renamed port whose slice's name a new port would take gets a name of its own", () => {
  const model = withPorts({ name: "http", port: 80 });
  settle(model);
  model.change({
    spec: {
      ports: [
        { name: "web", port: 80 },
        { name: "http", port: 81 },
      ],
    },
  });
  const slices = settle(model);
  expect(new Set(slices.map(keyOf)).size).toBe(2);
  expect(Object.keys(portsBy(slices)).toSorted()).toEqual(["http", "web"]);
});

test("both families of a dual-stack Service lead to the same activator port", () => {
  const model = new RouteModel(1);
  model.change({ spec: { ipFamilies: ["IPv4", "IPv6"] } });
  const both = (state: RouteState): RouteState => ({
    ...state,
    activators: [...state.activators, { address: "fd00::1", family: "IPv6" }],
    listening: () => true,
  });
  const slices = settle(model, both);
  expect(slices.map(({ addressType }) => addressType).toSorted()).toEqual(["IPv4", "IPv6"]);
  expect(new Set(slices.map(activatorPortOf)).size).toBe(1);
});

test("a port that an older slice of another Service holds is given up for a free one", () => {
  const model = withPorts({ name: "http", port: 80 });
  const before = portsBy(settle(model))["http"]!;
  const robbed = (state: RouteState): RouteState => ({
    ...state,
    reservedBy: (port) => (port === before ? "other/slice" : state.reservedBy(port)),
  });
  expect(portsBy(settle(model, robbed))["http"]).not.toBe(before);
});

test("every activator port can be reserved, and then no more", () => {
  const taken = new Set<number>();
  for (let i = FIRST_PORT; i <= LAST_PORT; i++)
    taken.add(reservePort(`s${i % 7}`, (port) => taken.has(port)));
  expect(taken.size).toBe(LAST_PORT - FIRST_PORT + 1);
  expect(() => reservePort("one-more", (port) => taken.has(port))).toThrow("every activator port");
});
