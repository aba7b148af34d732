import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { bundleScript } from "../bundle.ts";
import { checkAnswers } from "./check.ts";
import type { Ask, Found } from "./measure.ts";
import { sendOverWire } from "./wire.ts";

const GOAL = { revisions: 10_000, cpu: 10, lateP99Ms: 50, rssMb: 150 };
const SIZES = [100, 1000, 10_000, 50_000];
/** Activators are who reports: two of them, each about every revision. */
const ACTIVATORS = 2;

/**
 * `autoscaler [--revisions N,N] [--pods 5] [--seconds 20] [--warm 65] [--growth-only]`: first how the cost grows,
 * then 10,000 revisions with a reporter in every pod, and with the activators' stats coming over WebSockets.
 */
export const run = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({
    args,
    options: {
      revisions: { type: "string", default: SIZES.join(",") },
      pods: { type: "string", default: "5" },
      seconds: { type: "string", default: "20" },
      warm: { type: "string", default: "65" },
      "growth-only": { type: "boolean", default: false },
    },
  });
  console.log(await checkAnswers());
  const [pods, seconds, warmS] = [Number(values.pods), Number(values.seconds), Number(values.warm)];
  const sizes = values.revisions.split(",").map(Number);
  if (![pods, seconds, warmS, ...sizes].every((n) => Number.isFinite(n) && n > 0))
    throw new Error("give numbers above 0");
  const base = { pods, seconds, warmS };
  const growth = sizes.map((revisions) => ({ ...base, revisions, reporters: ACTIVATORS, wire: false }));
  const perPod = { ...base, revisions: GOAL.revisions, reporters: pods, wire: false };
  const overWire = { ...base, revisions: GOAL.revisions, reporters: ACTIVATORS, wire: true };
  await measureAll(values["growth-only"] ? growth : [...growth, perPod, overWire]);
};

const measureAll = async (asks: readonly Ask[]): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "pilotlight-bench-"));
  const bundle = join(folder, "inside.mjs");
  try {
    await bundleScript(join(import.meta.dirname, "inside.ts"), bundle);
    header(asks[0]!);
    for (const ask of asks) row(ask, await measure(bundle, ask));
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const measure = async (bundle: string, ask: Ask): Promise<Found> => {
  const child = spawn(process.execPath, ["--max-semi-space-size=2", bundle, JSON.stringify(ask)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const senders = new DisposableStack();
  let found: Found | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as { readonly port: number } | Found;
    if (!("port" in said)) found = said;
    else if (ask.wire) senders.use(sendOverWire(said.port, ask));
  }
  senders.dispose();
  if (found === undefined) throw new Error("the child said nothing");
  return found;
};

const header = ({ pods, warmS, seconds }: Ask): void => {
  console.log(
    `${pods} pods per revision; load swings by half, period 90 s; a stat per second and reporter; decisions each 2 s`,
  );
  console.log(
    `${seconds} s after ${warmS} s; ${cpus().length} cores, load average ${loadavg()[0]!.toFixed(1)}`,
  );
  console.log(
    ["revisions", "reporters", "stats/s", "CPU %", "late p99", "late max", "RSS MB", "changes/s", "wrong"]
      .map((text) => text.padStart(10))
      .join(""),
  );
};

const row = (ask: Ask, found: Found): void => {
  const cells = [
    String(ask.revisions),
    String(ask.reporters),
    String(ask.revisions * ask.reporters),
    found.cpu.toFixed(1),
    `${found.lateP99Ms.toFixed(1)} ms`,
    `${found.lateMaxMs.toFixed(1)} ms`,
    found.rssMb.toFixed(0),
    found.changes.toFixed(0),
    String(found.wrong),
  ];
  const goal = ask.revisions === GOAL.revisions ? `  ${verdict(found)}` : "";
  const wire = ask.wire ? "  over WebSockets" : "";
  console.log(`${cells.map((text) => text.padStart(10)).join("")}${wire}${goal}`);
};

const verdict = ({ cpu, lateP99Ms, rssMb }: Found): string => {
  const missed = [
    cpu > GOAL.cpu ? `CPU above ${GOAL.cpu} %` : "",
    lateP99Ms > GOAL.lateP99Ms ? `p99 above ${GOAL.lateP99Ms} ms` : "",
    rssMb > GOAL.rssMb ? `memory above ${GOAL.rssMb} MB` : "",
  ].filter((text) => text !== "");
  return missed.length === 0 ? "goal met" : `goal missed: ${missed.join(", ")}`;
};
