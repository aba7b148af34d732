import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Pilotlight, app } from "../helpers/pilotlight.ts";
import { run, succeed } from "./program.ts";

// PostgreSQL does not run as root.
const asPostgres =
  process.getuid?.() === 0 ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
const sudo = (command: string[]): Promise<string> => {
  const [program, ...args] = [...asPostgres, ...command];
  return succeed(program!, args);
};

const folder = mkdtempSync(join(tmpdir(), "pilotlight-postgres-"));
const data = join(folder, "data");
let pilotlight: Pilotlight;

beforeAll(async () => {
  if (asPostgres.length > 0) await succeed("chown", ["postgres", folder]);
  await sudo(["initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8"]);
  pilotlight = await Pilotlight.start(
    app({
      name: "postgres",
      command: [...asPostgres, "postgres", "-D", data, "-p", "$(PORT)", "-h", "127.0.0.1", "-k", ""],
      annotations: { "autoscaling.knative.dev/max-scale": "1", "pilotlight.dev/protocol": "tcp" },
    }),
  );
});

afterAll(async () => {
  await pilotlight[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const psql = (...sql: string[]) => {
  const { hostname, port } = new URL(pilotlight.url("postgres"));
  const commands = sql.flatMap((command) => ["-c", command]);
  return run("psql", [
    "-h",
    hostname,
    "-p",
    port,
    "-U",
    "postgres",
    "-qAt",
    "-v",
    "ON_ERROR_STOP=1",
    ...commands,
  ]);
};

test("the first connection starts it and is served", async () => {
  expect(pilotlight.events.map(({ event }) => event)).toEqual(["ready"]);
  // PostgreSQL listens a moment before it can serve, and then says so itself.
  let answer = await psql("SELECT 6 * 7");
  while (answer.output.includes("the database system is starting up")) answer = await psql("SELECT 6 * 7");
  expect(answer).toEqual({ code: 0, output: "42\n" });
  expect(pilotlight.events.some(({ event }) => event === "cold-start")).toBe(true);
});

test("many rows and large values both ways", async () => {
  const { code, output } = await psql(
    "CREATE TABLE t (id int, v text)",
    "INSERT INTO t SELECT i, repeat(md5(i::text), 100) FROM generate_series(1, 5000) AS i",
    "SELECT v FROM t ORDER BY id",
  );
  expect(code).toBe(0);
  const rows = output.trim().split("\n");
  expect([rows.length, rows[0]?.length, new Set(rows).size]).toEqual([5000, 3200, 5000]);
});

test("a COPY from the client, whose end is told within the protocol", async () => {
  const { hostname, port } = new URL(pilotlight.url("postgres"));
  const lines = Array.from({ length: 100_000 }, (_, i) => `${i}\tline ${i}`).join("\n");
  const target = ["-h", hostname, "-p", port, "-U", "postgres", "-qAt"];
  await succeed("psql", [...target, "-c", "CREATE TABLE c (id int, v text)"]);
  await succeed("psql", [...target, "-c", "COPY c FROM STDIN"], `${lines}\n`);
  expect(await succeed("psql", [...target, "-c", "SELECT count(*) FROM c"])).toBe("100000\n");
});
