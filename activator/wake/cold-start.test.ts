import { expect, test } from "vitest";
import { ColdStartRecord, phaseDurations } from "./cold-start.ts";

test("the first sight of a phase counts, and durations add up to the whole", () => {
  const record = new ColdStartRecord("a/b", 1000);
  record.note("patched", 1005);
  record.note("created", 1004);
  record.note("created", 1050);
  record.note("address", 1100);
  record.note("accepted", 1130);
  record.end("accepted");
  record.end("failed");
  const start = record.snapshot;
  expect(start).toMatchObject({ id: "a/b", began: 1000, outcome: "accepted" });
  expect(start.phases).toEqual({ requested: 0, created: 4, patched: 5, address: 100, accepted: 130 });
  expect(phaseDurations(start)).toEqual([
    ["created", 4],
    ["patched", 1],
    ["address", 95],
    ["accepted", 30],
  ]);
});
