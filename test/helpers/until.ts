/** Waits until `condition` says something true, and gives that; looks every few milliseconds, for 20 s at most. */
export const until = async <T>(
  condition: () => T | Promise<T>,
  what = "the condition",
): Promise<NonNullable<T>> => {
  const end = Date.now() + 20_000;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited 20 s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
