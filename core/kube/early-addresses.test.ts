import { expect, test } from "vitest";
import type { WakingEvent } from "../ports.ts";
import { type AddressSource, EarlyAddresses } from "./early-addresses.ts";
import type { Pod } from "./objects.ts";

const PORTS = [{ port: 80, targetPort: 8080 }];

const pod = (fields: { node?: string; ip?: string; ending?: boolean; hostNetwork?: boolean } = {}): Pod => ({
  metadata: {
    name: "p",
    uid: "uid-p",
    ...(fields.ending === true ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {}),
  },
  spec: {
    containers: [],
    ...(fields.node === undefined ? {} : { nodeName: fields.node }),
    ...(fields.hostNetwork === true ? { hostNetwork: true } : {}),
  },
  status: fields.ip === undefined ? {} : { podIP: fields.ip },
});

/** A source that answers when told. */
class ScriptedSource implements AddressSource {
  readonly asked: string[] = [];
  #answer: PromiseWithResolvers<string | undefined> = Promise.withResolvers();
  signal: AbortSignal | undefined;

  find({ uid, node }: { uid: string; node: string }, signal: AbortSignal): Promise<string | undefined> {
    this.asked.push(`${uid} on ${node}`);
    this.signal = signal;
    return this.#answer.promise;
  }

  async say(ip: string | undefined): Promise<void> {
    this.#answer.resolve(ip);
    await new Promise((resolve) => setImmediate(resolve));
  }

  async fail(): Promise<void> {
    this.#answer.reject(new Error("agent died"));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const setUp = () => {
  const source = new ScriptedSource();
  const events: WakingEvent[] = [];
  const early = new EarlyAddresses(source, PORTS, (event) => events.push(event));
  return { source, events, early };
};

const told = (ip: string): WakingEvent => ({
  kind: "address",
  dest: { key: `${ip}:8080`, host: ip, ports: [8080], pod: "p" },
  source: "node-agent",
});

test("a pod is asked about once, as soon as it has a node, and told of", async () => {
  const { source, events, early } = setUp();
  early.seen("ns/p", pod());
  expect(source.asked).toEqual([]);
  early.seen("ns/p", pod({ node: "n1" }));
  early.seen("ns/p", pod({ node: "n1" }));
  await source.say("10.0.0.1");
  expect(source.asked).toEqual(["uid-p on n1"]);
  expect(events).toEqual([told("10.0.0.1")]);
});

test("the API server was first: the answer is not waited for any more", async () => {
  const { source, events, early } = setUp();
  early.seen("ns/p", pod({ node: "n1" }));
  early.seen("ns/p", pod({ node: "n1", ip: "10.0.0.1" }));
  expect(source.signal?.aborted).toBe(true);
  await source.say("10.0.0.1");
  expect(events).toEqual([]);
});

test("the API server names the same address: nothing is taken back", async () => {
  const { source, events, early } = setUp();
  early.seen("ns/p", pod({ node: "n1" }));
  await source.say("10.0.0.1");
  early.seen("ns/p", pod({ node: "n1", ip: "10.0.0.1" }));
  early.seen("ns/p", pod({ node: "n1", ip: "10.0.0.1", ending: true }));
  expect(events).toEqual([told("10.0.0.1")]);
});

test("the agent was wrong: its address is taken back when the API server names another", async () => {
  const { source, events, early } = setUp();
  early.seen("ns/p", pod({ node: "n1" }));
  await source.say("10.0.0.1");
  early.seen("ns/p", pod({ node: "n1", ip: "10.0.0.2" }));
  expect(events).toEqual([told("10.0.0.1"), { kind: "gone", key: "10.0.0.1:8080" }]);
});

test.each([
  ["ends", pod({ node: "n1", ending: true })],
  ["is gone", undefined],
])("a pod learnt early that %s is taken back", async (_, after) => {
  const { source, events, early } = setUp();
  early.seen("ns/p", pod({ node: "n1" }));
  await source.say("10.0.0.1");
  early.seen("ns/p", after);
  expect(events).toEqual([told("10.0.0.1"), { kind: "gone", key: "10.0.0.1:8080" }]);
});

test.each([["nothing"], ["a failure"]])("an agent that answers with %s changes nothing", async (what) => {
  const { source, events, early } = setUp();
  early.seen("ns/p", pod({ node: "n1" }));
  await (what === "nothing" ? source.say(undefined) : source.fail());
  early.seen("ns/p", pod({ node: "n1", ip: "10.0.0.1" }));
  expect(events).toEqual([]);
});

test("a pod in the host's network is not asked about", () => {
  const { source, early } = setUp();
  early.seen("ns/p", pod({ node: "n1", hostNetwork: true }));
  expect(source.asked).toEqual([]);
});

test("stopping ends what is asked", () => {
  const { source, early } = setUp();
  early.seen("ns/p", pod({ node: "n1" }));
  early.stop();
  expect(source.signal?.aborted).toBe(true);
});
