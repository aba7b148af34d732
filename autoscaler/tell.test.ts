import { pino } from "pino";
import { expect, test } from "vitest";
import { FakeWorkload, ID, startLife } from "../test/helpers/autoscaler-world.ts";
import { FakeClock } from "../test/helpers/fake-clock.ts";

interface Line {
  readonly level: number;
  readonly msg: string;
  readonly [field: string]: unknown;
}

const begin = async (level: string) => {
  const clock = new FakeClock();
  const workload = new FakeWorkload(clock, 0);
  const lines: Line[] = [];
  const log = pino({ level }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) });
  const life = await startLife({ clock, workload, annotations: { target: "10" }, deps: { log } });
  return { clock, workload, lines, ...life };
};

test("each change of a workload is a line at info with the numbers that led to it, and an event", async () => {
  const { clock, lines, send, events } = await begin("info");
  await clock.advance(10_000);
  send(1, 1);
  await clock.advance(0);
  const reason = "1 concurrent requests over 60 s at 7 per pod = 1 pod";
  expect(lines.filter(({ msg }) => msg === "scaled")).toMatchObject([
    { level: 30, service: ID, from: 0, to: 1, cause: "load", reason },
  ]);
  expect(events).toEqual([
    { kind: "scaled", id: ID, from: 0, to: 1, cause: "load", reason, at: clock.now() },
  ]);
});

test("each decision is a line at debug with the whole explanation, and none at info", async () => {
  const { clock, lines, autoscaler } = await begin("debug");
  await clock.advance(2000);
  const decided = lines.filter(({ msg }) => msg === "decided");
  expect(decided).toHaveLength(1);
  expect(decided[0]!["why"]).toContain("default/hello:");
  expect(autoscaler.explain(ID)!.text).toContain("observed  concurrent requests: 0 over 60 s = 0 pods");
  const quiet = await begin("info");
  await quiet.clock.advance(20_000);
  expect(quiet.lines).toEqual([]);
});

test("a failure is a line at warn with the cluster's words and the time to the next try", async () => {
  const { clock, lines, workload, send } = await begin("info");
  await clock.advance(10_000);
  workload.failing.apply = new Error("exceeded quota");
  send(1, 1);
  await clock.advance(0);
  expect(lines).toMatchObject([{ level: 40, service: ID, err: "exceeded quota", times: 1, retryMs: 500 }]);
});
