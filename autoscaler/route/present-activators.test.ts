import { expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { PresentActivators } from "./present-activators.ts";

const setUp = () => {
  const clock = new FakeClock();
  const cluster = { ready: ["10.0.0.1", "10.0.0.2"], refusing: new Set<string>(), asked: 0 };
  const present = new PresentActivators({
    clock,
    activators: {
      list: () => cluster.ready.map((address) => ({ address, family: "IPv4" as const })),
      subscribe: () => ({ [Symbol.dispose]: () => undefined }),
    },
    refuses: (address) => {
      cluster.asked++;
      return Promise.resolve(cluster.refusing.has(address));
    },
  });
  const heard: string[][] = [];
  const addresses = () => present.list().map(({ address }) => address);
  const subscription = present.subscribe(() => void heard.push(addresses()));
  return { clock, cluster, present, heard, addresses, subscription };
};

test("an activator that is lost and refuses is left out until it accepts again", async () => {
  const { clock, cluster, present, heard, addresses } = setUp();
  cluster.refusing.add("10.0.0.1");
  present.lost("10.0.0.1");
  await clock.advance(0);
  expect(addresses()).toEqual(["10.0.0.2"]);
  await clock.advance(2000);
  expect(addresses()).toEqual(["10.0.0.2"]);
  cluster.refusing.clear();
  await clock.advance(250);
  expect(addresses()).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(heard).toEqual([["10.0.0.2"], ["10.0.0.1", "10.0.0.2"]]);
  expect(clock.pending).toBe(0);
});

test("one that only hung up stays, and nobody hears of it", async () => {
  const { clock, present, heard, addresses } = setUp();
  present.lost("10.0.0.1");
  await clock.advance(1000);
  expect(addresses()).toEqual(["10.0.0.1", "10.0.0.2"]);
  expect(heard).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("when Kubernetes has seen its end too it is asked no more; the next one with its address is present", async () => {
  const { clock, cluster, present, addresses } = setUp();
  cluster.refusing.add("10.0.0.1");
  present.lost("10.0.0.1");
  await clock.advance(0);
  cluster.ready = ["10.0.0.2"];
  await clock.advance(250);
  const { asked } = cluster;
  await clock.advance(5000);
  expect(cluster.asked).toBe(asked);
  cluster.ready = ["10.0.0.1", "10.0.0.2"];
  expect(addresses()).toEqual(["10.0.0.1", "10.0.0.2"]);
});

test("lost several times it is asked once at a time; one that is not ready is not asked", async () => {
  const { clock, cluster, present, heard } = setUp();
  cluster.refusing.add("10.0.0.1").add("10.0.0.9");
  for (const address of ["10.0.0.1", "10.0.0.1", "10.0.0.9"]) present.lost(address);
  await clock.advance(0);
  expect(cluster.asked).toBe(1);
  expect(heard).toEqual([["10.0.0.2"]]);
});

test("who has left hears nothing", async () => {
  const { clock, cluster, present, heard, subscription } = setUp();
  subscription[Symbol.dispose]();
  cluster.refusing.add("10.0.0.1");
  present.lost("10.0.0.1");
  await clock.advance(0);
  expect(heard).toEqual([]);
});

test("one that Kubernetes goes on calling ready is believed to be, though it refuses us", async () => {
  const { clock, cluster, present, heard } = setUp();
  cluster.refusing.add("10.0.0.1");
  present.lost("10.0.0.1");
  for (let i = 0; i < 30; i++) await clock.advance(250);
  expect(heard).toEqual([["10.0.0.2"], ["10.0.0.1", "10.0.0.2"]]);
  expect(clock.pending).toBe(0);
});

test("stopped, it asks nobody any more", async () => {
  const { clock, cluster, present } = setUp();
  cluster.refusing.add("10.0.0.1");
  present.lost("10.0.0.1");
  await clock.advance(0);
  present.stop();
  await clock.advance(1000);
  expect(cluster.asked).toBe(1);
  expect(clock.pending).toBe(0);
});
