import * as fc from "fast-check";
import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { issue } from "./certificate-issue.ts";
import {
  BACKDATE,
  type Issued,
  issueInto,
  LIFETIME,
  nextStep,
  prepareInto,
  promoteInto,
  readState,
  ROTATE_BEFORE,
  SETTLE,
} from "./certificate-state.ts";

const NAME = "pilotlight-webhook.pilotlight.svc";
const T = 1_800_000_000_000;
const ROTATION = T + LIFETIME - ROTATE_BEFORE;
let first: Issued;
let second: Issued;

beforeAll(async () => {
  first = await issue([NAME], T);
  second = await issue([NAME], ROTATION);
});

describe("nextStep", () => {
  const fresh = () => readState(issueInto(first), NAME);
  const prepared = () => readState(prepareInto(issueInto(first), fresh(), second), NAME);

  test.each([
    {
      name: "nothing stored",
      state: () => readState(undefined, NAME),
      now: T,
      published: true,
      step: "issue",
    },
    { name: "fresh", state: fresh, now: T, published: true, step: "keep" },
    { name: "just before the last third", state: fresh, now: ROTATION - 1, published: true, step: "keep" },
    { name: "in the last third", state: fresh, now: ROTATION, published: true, step: "prepare" },
    { name: "expired", state: fresh, now: T + LIFETIME, published: true, step: "issue" },
    {
      name: "prepared, not settled",
      state: prepared,
      now: ROTATION + SETTLE - 1,
      published: true,
      step: "keep",
    },
    {
      name: "prepared and settled, not published",
      state: prepared,
      now: ROTATION + SETTLE,
      published: false,
      step: "keep",
    },
    {
      name: "prepared, settled and published",
      state: prepared,
      now: ROTATION + SETTLE,
      published: true,
      step: "promote",
    },
    {
      name: "prepared, current expired before it settled",
      state: prepared,
      now: T + LIFETIME,
      published: false,
      step: "promote",
    },
    { name: "both expired", state: prepared, now: ROTATION + LIFETIME, published: true, step: "issue" },
  ])("$name: $step", ({ state, now, published, step }) => {
    expect(nextStep(state(), now, published)).toBe(step);
  });

  test("whoever acts at whatever times, what is shown is valid, and what was shown before stays trusted", async () => {
    const moves = fc.array(fc.tuple(fc.nat(9 * 86_400_000), fc.boolean()), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(moves, async (moves) => {
        let data: Readonly<Record<string, string>> = {};
        let now = T;
        for (const [wait, published] of moves) {
          now += wait;
          const state = readState(data, NAME);
          const step = nextStep(state, now, published);
          if (step === "issue") data = issueInto(await issue([NAME], now));
          if (step === "prepare") data = prepareInto(data, state, await issue([NAME], now));
          if (step === "promote") data = promoteInto(data, state);
          const after = readState(data, NAME);
          expect(after.current?.notAfter).toBeGreaterThan(now);
          expect(after.authorities.length).toBeLessThanOrEqual(2);
          // A replica that has not read the Secret again yet shows the certificate from before the step.
          const stillShown = step === "issue" ? undefined : state.current?.certificate;
          expect(stillShown === undefined || trusted(stillShown, after.authorities)).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  const trusted = (certificate: string, authorities: readonly string[]) =>
    authorities.some((pem) => new X509Certificate(certificate).verify(new X509Certificate(pem).publicKey));
});

describe("readState", () => {
  test("reads back what was issued", () => {
    const { current, next, authorities } = readState(issueInto(first), NAME);
    expect(current).toMatchObject({ certificate: first.certificate, key: first.key });
    expect(current?.notBefore).toBe(T - BACKDATE);
    expect(current?.notAfter).toBe(T + LIFETIME);
    expect(next).toBeUndefined();
    expect(authorities).toEqual([first.authority]);
  });

  test.each([
    ["another service name", "other.pilotlight.svc", (data: Record<string, string>) => data],
    ["key of another", NAME, (data: Record<string, string>) => ({ ...data, "server-key.pem": second.key })],
    [
      "authority of another",
      NAME,
      (data: Record<string, string>) => ({ ...data, "ca-cert.pem": second.authority }),
    ],
    ["no key", NAME, (data: Record<string, string>) => ({ ...data, "server-key.pem": "" })],
    ["no PEM", NAME, (data: Record<string, string>) => ({ ...data, "server-cert.pem": "hello" })],
  ])("%s: as good as nothing", (_, name, change) => {
    expect(readState(change({ ...issueInto(first) }), name).current).toBeUndefined();
  });

  test("never throws, whatever somebody wrote into the Secret", () => {
    const key = fc.constantFrom("server-cert.pem", "server-key.pem", "ca-cert.pem", "next-server-cert.pem");
    const pem = fc.oneof(fc.string(), fc.constantFrom(first.certificate, first.key, first.authority));
    fc.assert(
      fc.property(fc.dictionary(key, pem), fc.nat(), (data, now) => {
        const state = readState(data, NAME);
        expect(["issue", "keep", "prepare", "promote"]).toContain(nextStep(state, now, true));
      }),
    );
  });
});

describe("issue", () => {
  test("a P-256 leaf for all names, signed by an authority that may sign nothing but leaves", async () => {
    const { certificate, key, authority } = await issue([NAME, "pilotlight-webhook"], T);
    const leaf = new X509Certificate(certificate);
    const root = new X509Certificate(authority);
    expect(leaf.checkIssued(root)).toBe(true);
    expect(leaf.verify(root.publicKey)).toBe(true);
    expect(leaf.checkHost(NAME)).toBe(NAME);
    expect(leaf.checkHost("pilotlight-webhook")).toBeDefined();
    expect(leaf.ca).toBe(false);
    expect(root.ca).toBe(true);
    expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
    expect(key).toContain("BEGIN PRIVATE KEY");
    expect(root.serialNumber).not.toBe(leaf.serialNumber);
  });
});
