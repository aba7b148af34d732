import type { Nanos } from "./clock.ts";

/** The number of the time bucket that `now` lies in: whole multiples of `granularity`, rounded down. */
export const bucketOf = (now: Nanos, granularity: Nanos): number => {
  // Taking the rest off first keeps the quotient exact; the quotient alone can round up to the next bucket.
  const rest = now % granularity;
  return (now - rest) / granularity - (rest < 0 ? 1 : 0);
};
