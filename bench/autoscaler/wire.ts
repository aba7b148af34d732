import { WebSocket } from "ws";
import { encodeStats } from "#core/stat-codec.ts";
import { Load } from "./load.ts";
import type { Ask } from "./measure.ts";
import { revisionIds } from "./world.ts";

/** Plays the activators: one frame a second from each of `ask.reporters` connections. Stops when disposed. */
export const sendOverWire = (port: number, ask: Ask): Disposable => {
  const load = new Load(revisionIds(ask.revisions), ask);
  const start = performance.now();
  const sockets = Array.from({ length: ask.reporters }, () => new WebSocket(`ws://127.0.0.1:${port}`));
  for (const socket of sockets) socket.on("error", () => undefined);
  const send = (reporter: number): void => {
    const socket = sockets[reporter]!;
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(encodeStats(load.at(reporter, (performance.now() - start) / 1000)));
  };
  const timers: NodeJS.Timeout[] = [];
  for (const reporter of sockets.keys()) {
    const begin = (): void => void timers.push(setInterval(send, 1000, reporter));
    timers.push(setTimeout(begin, (1000 / ask.reporters) * reporter));
  }
  return {
    [Symbol.dispose]: () => {
      for (const timer of timers) clearInterval(timer);
      for (const socket of sockets) socket.terminate();
    },
  };
};
