import { expect, test } from "vitest";
import type { Listener, Revisions } from "#core/ports.ts";
import type { Revision } from "#core/revision.ts";
import { followPeers } from "./follow-peers.ts";
import type { ActivatorPlace } from "./subset.ts";

const setUp = () => {
  const addresses = new Map<string, string[]>([["default/a", ["10.0.0.2", "10.0.0.1"]]]);
  const known = new Map<string, Revision>([["default/a", { id: "default/a" } as Revision]]);
  const listeners = new Set<Listener>();
  const subscribe = (listener: Listener) => {
    listeners.add(listener);
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  };
  const revisions: Revisions = { get: (id) => known.get(id), list: () => [...known.values()], subscribe };
  const told: [string, ActivatorPlace][] = [];
  const part = followPeers({
    peers: { self: "10.0.0.2", addresses: (id) => addresses.get(id) ?? [], subscribe },
    revisions,
    throttler: { setActivators: (id, place) => told.push([id, place]) },
  });
  const changed = (id: string): void => listeners.forEach((listener) => listener(id));
  return { addresses, known, told, part, changed, listeners };
};

test("its place is told at the start, when activators change, and for a new revision", async () => {
  const { addresses, known, told, part, changed } = setUp();
  await part.start();
  addresses.set("default/a", ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
  changed("default/a");
  known.set("default/b", { id: "default/b" } as Revision);
  addresses.set("default/b", ["10.0.0.2"]);
  changed("default/b");
  expect(told[0]).toEqual(["default/a", { count: 2, index: 1 }]);
  expect(told).toContainEqual(["default/a", { count: 3, index: 1 }]);
  expect(told.at(-1)).toEqual(["default/b", { count: 1, index: 0 }]);
});

test("when it is not one of them nothing is told; neither of a revision that is gone, nor after the end", async () => {
  const { addresses, known, told, part, changed, listeners } = setUp();
  await part.start();
  addresses.set("default/a", ["10.0.0.1"]);
  changed("default/a");
  known.clear();
  addresses.set("default/a", ["10.0.0.2"]);
  changed("default/a");
  expect(told).toHaveLength(1);
  await part.stop(AbortSignal.abort());
  expect(listeners.size).toBe(0);
});
