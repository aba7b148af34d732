import { resolve } from "node:path";
import type { Access } from "./access.ts";
import { exec } from "./exec.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
const RELEASE = "pilotlight";

/** Pilotlight's own namespace in tests and benches. */
export const SYSTEM = "pilotlight-system";

/** Values for tests that wait until a Service is at zero: a second's grace after its last request, not half a minute. */
export const SOON_AT_ZERO = ["config.scale-to-zero-grace-period=1s"];

/** Builds Pilotlight's image from this checkout and puts it on the nodes. */
export const loadImage = async (access: Access): Promise<void> => {
  await exec([process.execPath, "scripts/image.ts"], { cwd: ROOT });
  await access.importImage(resolve(ROOT, "dist/pilotlight.tar"));
};

/** Installs or upgrades the chart and waits until all of it is ready. `values` are like `activator.replicas=3`. */
export const installChart = async (access: Access, values: readonly string[] = []): Promise<void> => {
  const set = values.flatMap((value) => ["--set", value]);
  const where = ["--namespace", SYSTEM, "--create-namespace"];
  const wait = ["--wait", "--timeout=120s"];
  await exec(
    [...access.helm, "upgrade", "--install", RELEASE, "charts/pilotlight", ...where, ...set, ...wait],
    { cwd: ROOT },
  );
};

/** Uninstalls it and waits until nothing of it is left. */
export const uninstallChart = async (access: Access): Promise<void> => {
  const where = ["--namespace", SYSTEM];
  const wait = ["--wait", "--timeout=120s"];
  await exec([...access.helm, "uninstall", RELEASE, "--ignore-not-found", ...where, ...wait]);
};
