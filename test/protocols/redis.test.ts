import { afterAll, beforeAll, expect, test } from "vitest";
import { Pilotlight, app } from "../helpers/pilotlight.ts";
import { succeed } from "./program.ts";

let pilotlight: Pilotlight;
beforeAll(async () => {
  const options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", "/tmp"];
  pilotlight = await Pilotlight.start(
    app({
      name: "redis",
      command: ["redis-server", "--port", "$(PORT)", ...options],
      annotations: { "autoscaling.knative.dev/max-scale": "1", "pilotlight.dev/protocol": "tcp" },
    }),
  );
});
afterAll(() => pilotlight[Symbol.asyncDispose]());

const redis = (args: string[], input = ""): Promise<string> => {
  const { hostname, port } = new URL(pilotlight.url("redis"));
  return succeed("redis-cli", ["-h", hostname, "-p", port, ...args], input);
};

test("the first connection starts it and is served", async () => {
  expect(pilotlight.events.map(({ event }) => event)).toEqual(["ready"]);
  expect(await redis(["PING"])).toBe("PONG\n");
  expect(pilotlight.events.some(({ event }) => event === "cold-start")).toBe(true);
});

test("100,000 commands sent ahead of their answers", async () => {
  const commands = Array.from({ length: 100_000 }, (_, i) => `SET key:${i} value-${i}\r\n`).join("");
  const report = await redis(["--pipe"], commands);
  expect(report).toMatch(/errors: 0, replies: 100000/);
  expect(await redis(["DBSIZE"])).toBe("100000\n");
});

test("a value of 50 MB comes back as it was", async () => {
  await redis(["-x", "SET", "big"], "0123456789".repeat(5_000_000));
  expect(await redis(["STRLEN", "big"])).toBe("50000000\n");
  expect((await redis(["GET", "big"])).length).toBe(50_000_001);
});
