import { type Clock, type Millis, systemClock } from "#core/clock.ts";

/** The system's clock that notes how late each of its `after` timers fires: the tick lateness. */
export const lateClock = (): { readonly clock: Clock; readonly lateness: Millis[] } => {
  const lateness: Millis[] = [];
  const clock: Clock = {
    ...systemClock,
    after: (ms, fn) => {
      const due = systemClock.now() + ms;
      return systemClock.after(ms, () => {
        lateness.push(Math.max(0, systemClock.now() - due));
        fn();
      });
    },
  };
  return { clock, lateness };
};
