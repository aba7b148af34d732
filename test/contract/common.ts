import type { DeployOptions } from "./world.ts";

/** Limits of waiting for what a world does in its own time. */
export const soon = { timeout: 20_000, interval: 10 };

export const works: DeployOptions = {
  behaviour: "works",
  annotations: { "autoscaling.knative.dev/max-scale": "5" },
};
