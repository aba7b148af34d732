import perfHooks from "node:perf_hooks";
import { expect, test, vi } from "vitest";
import { createRegistry } from "./metrics.ts";

test("a process with nothing to do is not woken to sample its event loop", async () => {
  const monitor = vi.spyOn(perfHooks, "monitorEventLoopDelay");
  const registry = createRegistry({ processMetrics: true });
  const resolutions = monitor.mock.calls.map(([options]) => options?.resolution ?? 10);
  expect(resolutions).toHaveLength(1);
  expect(resolutions[0]).toBeGreaterThanOrEqual(86_400_000);
  const names = (await registry.getMetricsAsJSON()).map(({ name }) => name);
  expect(names).toContain("process_resident_memory_bytes");
  expect(names.filter((name) => name.startsWith("nodejs_eventloop_lag"))).toEqual([
    "nodejs_eventloop_lag_seconds",
  ]);
});

test("without process metrics a registry is empty", async () => {
  expect(await createRegistry({ processMetrics: false }).getMetricsAsJSON()).toEqual([]);
});
