const positive = (name: string, fallback: number): number => {
  const text = process.env[name];
  const value = text === undefined || text === "" ? fallback : Number(text);
  if (!(value > 0)) throw new Error(`${name}: ${JSON.stringify(text)} is not a number above 0`);
  return value;
};

/** How long there is traffic, pauses included. */
export const soakMinutes = (): number => positive("PILOTLIGHT_SOAK_MINUTES", 9);

/** What every choice of the run follows from, but for the order in which things happen to end. */
export const soakSeed = (): number =>
  Math.floor(positive("PILOTLIGHT_SOAK_SEED", Math.ceil(Math.random() * 2 ** 31)));
