import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = new URL("../../", import.meta.url).pathname;
const vectors = process.env.PILOTLIGHT_VECTORS ?? join(root, "../shared/vectors/open");

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const conformance = async (...args: string[]): Promise<Outcome> => {
  const command = [join(root, "test/conformance/main.ts"), ...args];
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, command, { maxBuffer: 1 << 26 })) };
  } catch (error) {
    return error as Outcome;
  }
};

if (existsSync(vectors)) {
  describe(`vectors in ${vectors}`, () => {
    test("every recorded decision is ours when Knative is followed strictly", async () => {
      const { stdout, code } = await conformance(vectors, "--strict-knative");
      expect(stdout).not.toMatch(/[1-9][0-9]* failed|excepted/);
      expect(stdout.trim().split("\n").length).toBeGreaterThan(0);
      expect(code).toBe(0);
    }, 120_000);

    test("by default only the listed divergences differ", async () => {
      const { stdout, code } = await conformance(vectors);
      expect(stdout).not.toMatch(/[1-9][0-9]* failed/);
      expect(code).toBe(0);
    }, 120_000);
  });
} else {
  console.warn(`conformance: no vectors in ${vectors} (PILOTLIGHT_VECTORS); only the hand-made tables run`);
}

describe("the runner", () => {
  let dir: string;
  const write = (family: string, ...cases: object[]) =>
    writeFileSync(
      join(dir, `${family}.jsonl`),
      [{ family, cases: cases.length }, ...cases].map((line) => JSON.stringify(line)).join("\n"),
    );

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "pilotlight-conformance-"));
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  const sample = (id: string, population: number, want: number) => ({ id, kind: "sample", population, want });

  test("a wrong answer is told in full and is exit code 1", async () => {
    write("scrape", sample("a", 3, 3), sample("b", 4, 5));
    const { code, stdout } = await conformance(dir);
    expect(code).toBe(1);
    expect(stdout).toContain("scrape: 1 passed, 1 failed\n  b\n    at want\n      want 5\n      got  4\n");
    expect(stdout).toContain('case {"id":"b"');
  });

  test("a divergence is an exception by name, and none when Knative is followed strictly", async () => {
    write("scrape", sample("a", 3, 3));
    const data = { "activator-capacity": "NaN" };
    write("configmap", { id: "n", data, error: null, config: { ActivatorCapacity: "NaN" } });
    const lenient = await conformance(dir);
    expect(lenient.stdout).toMatch(/configmap: 0 passed, 1 failed/);
    write("configmap", {
      id: "n",
      data: { "max-scale": "x", ...data },
      error:
        'failed to parse data: failed to parse "max-scale": strconv.ParseInt: parsing "x": invalid syntax',
      config: null,
    });
    expect(await conformance(dir)).toMatchObject({
      code: 0,
      stdout: "configmap: 0 passed, 0 failed\n  1 excepted: nan-refused\nscrape: 1 passed, 0 failed\n",
    });
    expect(await conformance(dir, "--strict-knative")).toMatchObject({
      code: 0,
      stdout: "configmap: 1 passed, 0 failed\nscrape: 1 passed, 0 failed\n",
    });
    rmSync(join(dir, "configmap.jsonl"));
  });

  test.each([
    ["a family it does not know", () => write("tides", { id: "t" }), "unknown family: tides"],
    [
      "a file that is cut short",
      () => writeFileSync(join(dir, "scrape.jsonl"), '{"family":"scrape","cases":7}'),
      "there are 0 cases",
    ],
  ])("%s is an error", async (_, prepare, message) => {
    prepare();
    const { code, stderr } = await conformance(dir);
    expect(code).toBe(64);
    expect(stderr).toContain(message);
    rmSync(join(dir, "tides.jsonl"), { force: true });
  });

  test("a folder without vectors is an error", async () => {
    expect((await conformance(join(root, "core"))).code).toBe(64);
    expect((await conformance()).stderr).toContain("usage");
  });
});
