import { expect, test } from "vitest";
import * as z from "zod/mini";
import { EnvError, parseEnv } from "./env.ts";
import { amount, described, optionalSetting, port, setting, whole } from "./setting.ts";

const schema = z.object({
  PORT: setting(port, 8080, "where it listens"),
  COUNT: setting(whole(1, 10), 3, "how many"),
  SECONDS: optionalSetting(amount(0, 60), "how long; unset = for ever"),
  MODE: setting(z.enum(["on", "off"]), "on", "whether"),
  SWITCH: setting(z.stringbool(), false, "whether too"),
});

test("what is unset comes to the default, what is not named is ignored", () => {
  expect(parseEnv(schema, { OTHER: "x" })).toEqual({ PORT: 8080, COUNT: 3, MODE: "on", SWITCH: false });
});

test("what is set is read as what it is", () => {
  expect(parseEnv(schema, { PORT: "0", COUNT: "10", SECONDS: "1.5", MODE: "off", SWITCH: "yes" })).toEqual({
    PORT: 0,
    COUNT: 10,
    SECONDS: 1.5,
    MODE: "off",
    SWITCH: true,
  });
});

test("every problem is told at once, in English", () => {
  const env = { PORT: "65536", COUNT: "1.5", SECONDS: "soon", MODE: "maybe", SWITCH: "perhaps" };
  expect(() => parseEnv(schema, env)).toThrow(
    new EnvError(
      [
        "bad environment:",
        "PORT: Too big: expected number to be <=65535",
        "COUNT: Invalid input: expected int, received number",
        "SECONDS: Invalid input: expected number, received NaN",
        'MODE: Invalid option: expected one of "on"|"off"',
        'SWITCH: Invalid option: expected one of "true"|"1"|"yes"|"on"|"y"|"enabled"|"false"|"0"|"no"|"off"|"n"|"disabled"',
      ].join("\n  "),
    ),
  );
});

test("a meaning is kept with its schema, for docs/reference.md", () => {
  const meaningOf = (field: z.ZodMiniType) => z.globalRegistry.get(field)?.description;
  expect(meaningOf(schema.shape.PORT)).toBe("where it listens");
  expect(meaningOf(schema.shape.SECONDS)).toBe("how long; unset = for ever");
  expect(meaningOf(described(z.string(), "a text"))).toBe("a text");
});
