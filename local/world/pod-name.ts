/** Names of pods. */
import { randomInt } from "node:crypto";

/** Kubernetes's alphabet for generated names: no vowels, nothing that looks like something else. */
const LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** `hello` → `hello-x7k2p`. */
export const podName = (workload: string): string =>
  `${workload}-${Array.from({ length: 5 }, () => LETTERS[randomInt(LETTERS.length)]).join("")}`;
