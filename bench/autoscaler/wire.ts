import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { createRegistry } from "#core/metrics.ts";
import { WebSocketStatSink } from "../../activator/stats/stat-sink.ts";
import { Load } from "./load.ts";
import type { Ask } from "./measure.ts";
import { revisionIds } from "./world.ts";

/** Plays the activators: `ask.reporters` of them, each with a connection of its own. Stops when disposed. */
export const sendOverWire = (port: number, ask: Ask): Disposable => {
  const load = new Load(revisionIds(ask.revisions), ask);
  const start = performance.now();
  const sinks = Array.from({ length: ask.reporters }, () => sinkTo(`ws://127.0.0.1:${port}`));
  const send = (reporter: number): void =>
    sinks[reporter]!.send(load.at(reporter, (performance.now() - start) / 1000));
  const timers: NodeJS.Timeout[] = [];
  for (const [reporter, sink] of sinks.entries()) {
    void sink.start();
    const begin = (): void => void timers.push(setInterval(send, 1000, reporter));
    timers.push(setTimeout(begin, (1000 / ask.reporters) * reporter));
  }
  return {
    [Symbol.dispose]: () => {
      for (const timer of timers) clearInterval(timer);
      for (const sink of sinks) void sink.stop();
    },
  };
};

const sinkTo = (url: string): WebSocketStatSink =>
  new WebSocketStatSink({
    clock: systemClock,
    log: silentLogger,
    registry: createRegistry({ processMetrics: false }),
    urls: [url],
  });
