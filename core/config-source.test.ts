import { expect, test } from "vitest";
import type { AutoscalerConfig } from "./autoscaler-config.ts";
import { ConfigFeed } from "./config-source.ts";
import { silentLogger } from "./log.ts";
import { createRegistry } from "./metrics.ts";

const config = (minScale: number): AutoscalerConfig => ({ minScale }) as AutoscalerConfig;

const setup = () => {
  const registry = createRegistry({ processMetrics: false });
  const rejected: string[] = [];
  const feed = new ConfigFeed({
    initial: config(0),
    parse: (data) =>
      data["min-scale"] === "x"
        ? { ok: false, error: 'failed to parse "min-scale"' }
        : { ok: true, config: config(Number(data["min-scale"])) },
    log: silentLogger,
    registry,
    rejected: (error) => rejected.push(error),
  });
  let changes = 0;
  const subscription = feed.subscribe(() => changes++);
  const metric = async (name: string) => (await registry.getSingleMetric(name)!.get()).values;
  return { feed, rejected, subscription, metric, changes: () => changes };
};

test("good data are in force at once and listeners are told", async () => {
  const { feed, changes, metric } = setup();
  expect(feed.feed({ "min-scale": "2" }).ok).toBe(true);
  expect(feed.current()).toEqual(config(2));
  expect(changes()).toBe(1);
  expect((await metric("pilotlight_config_valid"))[0]!.value).toBe(1);
});

test("bad data leave the last good ones, and say so in metric and event", async () => {
  const { feed, changes, metric, rejected } = setup();
  feed.feed({ "min-scale": "2" });
  expect(feed.feed({ "min-scale": "x" })).toEqual({ ok: false, error: 'failed to parse "min-scale"' });
  expect(feed.current()).toEqual(config(2));
  expect(changes()).toBe(1);
  expect(rejected).toEqual(['failed to parse "min-scale"']);
  expect((await metric("pilotlight_config_valid"))[0]!.value).toBe(0);
  expect(await metric("pilotlight_config_loads_total")).toEqual([
    { labels: { outcome: "accepted" }, value: 1 },
    { labels: { outcome: "rejected" }, value: 1 },
  ]);
  feed.feed({ "min-scale": "3" });
  expect((await metric("pilotlight_config_valid"))[0]!.value).toBe(1);
});

test("the same data again tell nobody, and a disposed listener hears nothing", () => {
  const { feed, changes, rejected, subscription } = setup();
  feed.feed({ "min-scale": "2" });
  feed.feed({ "min-scale": "2" });
  feed.feed({ "min-scale": "x" });
  feed.feed({ "min-scale": "x" });
  expect([changes(), rejected.length]).toEqual([1, 1]);
  subscription[Symbol.dispose]();
  feed.feed({ "min-scale": "5" });
  expect(changes()).toBe(1);
});
