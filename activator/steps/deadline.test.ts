import { expect, test } from "vitest";
import { revisionOf } from "../../test/helpers/revision.ts";
import { Exchange } from "../exchange.ts";
import type { Inbound } from "../inbound.ts";
import { passedLimit } from "./deadline.ts";

const limits = { timeoutMs: 1000, responseStartTimeoutMs: 300, idleTimeoutMs: 100 };

interface Case {
  readonly now: number;
  readonly started?: boolean;
  readonly upgrade?: string;
  readonly state?: Partial<Pick<Exchange, "tunnelled" | "held" | "podActiveAt">>;
  readonly revision?: Partial<typeof limits>;
}

/** The limit that has passed for a request that came at 0. */
const passed = ({ now, started = false, upgrade, state = {}, revision = limits }: Case) => {
  const exchange = Object.assign(new Exchange({ started, upgrade } as Inbound, 0), state);
  exchange.revision = revisionOf({ timeoutMs: 1000, ...revision });
  return passedLimit(exchange, now, 5000);
};

test.each<[string, Case, string | undefined]>([
  ["in time", { now: 299 }, undefined],
  ["no answer begun", { now: 300 }, "response_start_timeout"],
  ["an answer begun", { now: 300, started: true }, undefined],
  ["the total comes first", { now: 1000 }, "request_timeout"],
  ["the total counts for answers that have begun", { now: 1000, started: true }, "request_timeout"],
  ["no pod has it: not idle", { now: 250 }, undefined],
  ["the pod is silent", { now: 250, state: { podActiveAt: 150 } }, "idle_timeout"],
  ["the pod said something a moment ago", { now: 250, state: { podActiveAt: 151 } }, undefined],
  ["the pod is held by the client", { now: 250, state: { podActiveAt: 1, held: true } }, undefined],
  ["a tunnel has no total limit", { now: 9000, state: { tunnelled: true, podActiveAt: 8950 } }, undefined],
  [
    "a tunnel has an idle limit",
    { now: 9000, state: { tunnelled: true, podActiveAt: 8900 } },
    "idle_timeout",
  ],
  [
    "a tunnel of a Service without limits has the general one",
    { now: 5001, upgrade: "x", state: { tunnelled: true, podActiveAt: 1 }, revision: {} },
    "idle_timeout",
  ],
  ["zero is no limit", { now: 1e9, started: true, revision: { timeoutMs: 0 } }, undefined],
])("%s", (_, given, code) => {
  expect(passed(given)).toBe(code);
});
