import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/** Programs not written here against an activator, one file at a time. */
export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: {
    include: ["test/protocols/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
