import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The user and group that the image runs as; a number, so that `runAsNonRoot` can be checked. */
export const USER = 65532;

/** Copies the Node binary that runs this, with the shared libraries that it needs, into an empty system. */
export const copySystem = (folder: string): void => {
  const node = join(folder, "usr/bin/node");
  mkdirSync(dirname(node), { recursive: true });
  cpSync(realpathSync(process.execPath), node);
  // Debugging symbols are a seventh of it. Without the tool the image is larger, and works the same.
  spawnSync("strip", [node], { stdio: "ignore" });
  for (const library of librariesOf(process.execPath)) {
    mkdirSync(join(folder, dirname(library)), { recursive: true });
    cpSync(realpathSync(library), join(folder, library));
  }
  mkdirSync(join(folder, "etc"), { recursive: true });
  writeFileSync(join(folder, "etc/passwd"), `pilotlight:x:${USER}:${USER}::/app:/sbin/nologin\n`);
  writeFileSync(join(folder, "etc/group"), `pilotlight:x:${USER}:\n`);
};

/** Paths as the loader will look for them: `libm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x…)`. */
const librariesOf = (program: string): string[] =>
  execFileSync("ldd", [program], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);
