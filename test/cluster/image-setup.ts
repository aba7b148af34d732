import type { TestProject } from "vitest/node";
import { readOptions } from "./options.ts";
import { accessCluster } from "./setup/access.ts";
import { loadImage } from "./setup/product.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** What went wrong while the image was built; empty when it is on the nodes. */
    imageProblem: string;
  }
}

/**
 * Builds Pilotlight's image and puts it on the nodes, before the first test. A failure is told by the tests that
 * need the image, and by no others.
 */
export default async function setup(project: TestProject): Promise<void> {
  const { options } = readOptions([], process.env);
  let problem = "";
  try {
    if (options.kind !== "given") await loadImage(await accessCluster(options));
  } catch (error) {
    problem = (error as Error).message;
  }
  project.provide("imageProblem", problem);
}
