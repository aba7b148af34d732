import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/** One cluster, one test file at a time: they share the node's two cores and its pods. */
export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: {
    include: ["test/cluster/**/*.test.ts"],
    globalSetup: [resolve(import.meta.dirname, "image-setup.ts")],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    maxWorkers: 1,
  },
});
