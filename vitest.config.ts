import { defineConfig } from "vitest/config";

const limits = { testTimeout: 30_000, hookTimeout: 30_000 };

/** The table for both ways of a request: by default the lane takes most of it. */
const withoutTheLane = {
  ...limits,
  name: "without the lane",
  include: ["test/data-path/*.test.ts"],
  exclude: ["test/data-path/{http2-*,tcp,grpc,lane}.test.ts"],
  env: { PILOTLIGHT_LANE: "off" },
};

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...limits,
          name: "all",
          include: ["**/*.test.ts"],
          exclude: ["node_modules/**", "dist/**", ".cache/**", "test/{cluster,protocols,soak}/**"],
        },
      },
      { test: withoutTheLane },
    ],
  },
});
