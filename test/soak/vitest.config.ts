import { resolve } from "node:path";
import { defineConfig } from "vitest/config";
import { soakMinutes } from "./settings.ts";

/** One long test, which says for itself how long it takes. */
export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: {
    include: ["test/soak/**/*.test.ts"],
    testTimeout: (soakMinutes() + 8) * 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
});
