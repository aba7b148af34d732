import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { watchManifests } from "./watch.ts";

let folder: string;
let changes: number;
let watching: Disposable | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pilotlight-watch-"));
  mkdirSync(join(folder, "sub"));
  for (const name of ["a.yaml", "b.yaml"]) write(name, "1");
  changes = 0;
});
afterEach(() => {
  watching?.[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const watch = (...names: string[]): void => {
  watching = watchManifests(
    names.map((name) => join(folder, name)),
    {
      clock: systemClock,
      changed: () => changes++,
      failed: (error) => {
        throw error;
      },
    },
  );
};
const soon = { timeout: 20_000, interval: 10 };
/** Long enough that what is told at all has been told. */
const settled = (): Promise<void> => sleep(500);

test("writes that come together are told once", async () => {
  watch("a.yaml");
  for (const text of ["2", "3", "4"]) write("a.yaml", text);
  await expect.poll(() => changes, soon).toBe(1);
  await settled();
  expect(changes).toBe(1);
});

test("a file that is put in the place of the old one is seen, again and again", async () => {
  watch("a.yaml");
  for (const times of [1, 2]) {
    write(".a.yaml.tmp", String(times));
    renameSync(join(folder, ".a.yaml.tmp"), join(folder, "a.yaml"));
    await expect.poll(() => changes, soon).toBe(times);
  }
});

test("other files beside a named one are of no interest", async () => {
  watch("a.yaml");
  write("b.yaml", "2");
  write("c.yaml", "2");
  await settled();
  expect(changes).toBe(0);
});

test("of a folder every manifest is, also one that comes later, and nothing else", async () => {
  watch(".");
  write("notes.txt", "2");
  await settled();
  expect(changes).toBe(0);
  write("c.json", "2");
  await expect.poll(() => changes, soon).toBe(1);
  rmSync(join(folder, "b.yaml"));
  await expect.poll(() => changes, soon).toBe(2);
});

test("after its end nothing is told", async () => {
  watch("a.yaml", "b.yaml", "sub");
  write("a.yaml", "2");
  watching![Symbol.dispose]();
  await settled();
  expect(changes).toBe(0);
});
