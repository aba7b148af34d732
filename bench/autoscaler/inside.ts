/** One measurement in a process of its own: an `Ask` in, the stat port and a `Found` out, a line of JSON each. */
import { systemClock } from "#core/clock.ts";
import { keepHeapSmall } from "#core/heap.ts";
import { quantile } from "../report/distribution.ts";
import { lateClock } from "./late-clock.ts";
import { Load, loadOf } from "./load.ts";
import type { Ask, Found } from "./measure.ts";
import { benchWorld, PER_POD } from "./world.ts";

const ask = JSON.parse(process.argv[2]!) as Ask;
keepHeapSmall();
const { clock, lateness } = lateClock();
const listen = { host: "127.0.0.1", port: 0 };
const world = benchWorld(ask.revisions, ask.pods, { clock, ...(ask.wire && { listen }) });
await world.autoscaler.start();
const start = systemClock.now();
const second = (): number => (systemClock.now() - start) / 1000;
console.log(JSON.stringify({ port: world.autoscaler.statPort ?? 0 }));
if (!ask.wire) reportEachSecond(new Load(world.ids, ask));

function reportEachSecond(load: Load): void {
  const report = (reporter: number): void =>
    world.autoscaler.receive(`reporter-${reporter}`, load.at(reporter, second()));
  for (let reporter = 0; reporter < ask.reporters; reporter++) {
    setTimeout(() => setInterval(report, 1000, reporter), (1000 / ask.reporters) * reporter);
  }
}

await systemClock.sleep(ask.warmS * 1000);
lateness.length = 0;
const before = { cpu: process.cpuUsage(), at: systemClock.now(), changes: world.scale.changes };
await systemClock.sleep(ask.seconds * 1000);
const cpu = process.cpuUsage(before.cpu);
const elapsed = systemClock.now() - before.at;
const late = lateness.toSorted((a, b) => a - b);
const rssMb = process.memoryUsage.rss() / 2 ** 20;

/**
 * Pods must be those of some load of the last window and a few seconds. Twice as many are not wrong: reports that
 * come late fall into one second and double it, as in Knative (`knative.md` 3.2), and panic follows that.
 */
const isWrong = (index: number): boolean => {
  const end = second();
  const recent = Array.from({ length: 66 }, (_, ago) =>
    Math.ceil(loadOf(index, Math.max(0, end - ago), ask.pods) / PER_POD),
  );
  const told = world.scale.told.get(world.ids[index]!)!;
  return told < Math.min(...recent) - 1 || told > 2 * Math.max(...recent, ask.pods);
};
const found: Found = {
  cpu: ((cpu.user + cpu.system) / 1000 / elapsed) * 100,
  lateP99Ms: quantile(late, 0.99),
  lateMaxMs: late.at(-1) ?? 0,
  rssMb,
  changes: (world.scale.changes - before.changes) / (elapsed / 1000),
  wrong: world.ids.filter((_, index) => isWrong(index)).length,
};
console.log(JSON.stringify(found));
process.exit(0);
