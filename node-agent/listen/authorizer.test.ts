import { expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { Authorizer } from "./authorizer.ts";

const ACTIVATOR = "system:serviceaccount:pilotlight:activator";

const setUp = (users: Readonly<Record<string, string | undefined>>) => {
  const clock = new FakeClock();
  const asked: string[] = [];
  let down = false;
  const authorizer = new Authorizer({
    clock,
    audience: "agent",
    allowed: new Set([ACTIVATOR]),
    reviewer: {
      review: (token, audience) => {
        asked.push(`${token} for ${audience}`);
        // As the API server does with a question that has no token in it.
        if (token === "") return Promise.reject(new Error("spec.token: Required value"));
        return down ? Promise.reject(new Error("no API server")) : Promise.resolve(users[token]);
      },
    },
  });
  return { clock, asked, authorizer, setDown: (value: boolean) => void (down = value) };
};

test.each([
  ["the activator's token", "good", "allowed"],
  ["a token of somebody else", "other", "forbidden"],
  ["a token that is not valid", "bad", "unauthenticated"],
  ["no token", "", "unauthenticated"],
])("%s", async (_, token, verdict) => {
  const { authorizer } = setUp({ good: ACTIVATOR, other: "system:serviceaccount:default:default" });
  expect(await authorizer.check(token)).toBe(verdict);
});

test("one question for each token and minute, however many ask", async () => {
  const { clock, asked, authorizer } = setUp({ good: ACTIVATOR });
  await Promise.all([authorizer.check("good"), authorizer.check("good")]);
  await clock.advance(59_000);
  await authorizer.check("good");
  expect(asked).toEqual(["good for agent"]);
  await clock.advance(2_000);
  await authorizer.check("good");
  expect(asked).toHaveLength(2);
});

test("while the API server is away nothing new is allowed, and it is asked again after a second", async () => {
  const { clock, authorizer, setDown } = setUp({ good: ACTIVATOR });
  setDown(true);
  expect(await authorizer.check("good")).toBe("unavailable");
  setDown(false);
  expect(await authorizer.check("good")).toBe("unavailable");
  await clock.advance(1_001);
  expect(await authorizer.check("good")).toBe("allowed");
});

test("a flood of tokens does not grow without bound", async () => {
  const { asked, authorizer } = setUp({ good: ACTIVATOR });
  await authorizer.check("good");
  for (let i = 0; i < 1_500; i++) await authorizer.check(`made-up-${i}`);
  await authorizer.check("good");
  expect(asked.filter((question) => question.startsWith("good"))).toHaveLength(2);
});
