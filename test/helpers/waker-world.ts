import { expect } from "vitest";
import { RevisionBackends } from "../../activator/backends/revision-backends.ts";
import { Throttler } from "../../activator/throttle/throttler.ts";
import type { ColdStart } from "../../activator/wake/cold-start.ts";
import { Waker } from "../../activator/wake/waker.ts";
import { silentLogger } from "#core/log.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryWorld } from "./memory-world.ts";
import { revisionOf } from "./revision.ts";
import { until } from "./until.ts";

const id = "default/hello";
const never = new AbortController().signal;

/** A waker in a world of its own; time moves only when told to, the network is real. */
export const wakerOf = async (overrides: Parameters<typeof revisionOf>[0] = {}) => {
  const world = new MemoryWorld();
  const clock = new FakeClock();
  const revision = revisionOf(overrides);
  world.setRevision(revision);
  const throttler = new Throttler();
  const { revisions, dests, scale, wakingPods } = world;
  const backends = new RevisionBackends({ clock, log: silentLogger, revisions, dests, throttler });
  const starts: ColdStart[] = [];
  const waker = new Waker({
    clock,
    log: silentLogger,
    revisions,
    scale,
    wakingPods,
    backends,
    throttler,
    wakeScale: () => 2,
    onColdStart: (start) => starts.push(start),
  });
  await backends.start();
  await waker.start();
  /** What the activation step does with a request that has no room at once. */
  const hold = (signal = never) => {
    waker.wake(revision);
    return throttler.acquire(revision, { signal });
  };
  /** Moves time until something has happened that needs the network as well. */
  const passUntil = (condition: () => boolean, what: string) =>
    until(async () => {
      await clock.advance(2);
      return condition();
    }, what);
  return {
    world,
    clock,
    revision,
    throttler,
    backends,
    waker,
    starts,
    hold,
    passUntil,
    [Symbol.asyncDispose]: async () => {
      await waker.stop();
      await backends.stop();
      expect([clock.pending, world.watching(id)]).toEqual([0, 0]);
    },
  };
};
