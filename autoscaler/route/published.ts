import { createHash } from "node:crypto";

/** Whose turn it is for a Service: the same order whoever asks, another one for each Service. */
const rank = (service: string, address: string): string =>
  createHash("sha256").update(`${service} ${address}`).digest("hex");

/**
 * The activators that a Service is led to. One without a hard limit per pod is led to all of them. Where a pod may
 * have only so many requests, each of its activators must have pods of its own, because activators do not know of
 * each other's requests: as many activators as pods then, and one while there is none. Those in front stay when
 * the number changes.
 */
export const publishedOf = <T extends { readonly address: string }>(
  service: string,
  fit: readonly T[],
  most: number,
): readonly T[] => {
  const count = Math.max(1, most);
  if (fit.length <= count) return fit;
  const ranked = fit.map((activator) => ({ activator, rank: rank(service, activator.address) }));
  ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const chosen = new Set(ranked.slice(0, count).map(({ activator }) => activator));
  return fit.filter((activator) => chosen.has(activator));
};
