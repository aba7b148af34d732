import { afterEach, expect, test } from "vitest";
import { silentLogger } from "#core/log.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import type { SecretStore, StoredSecret } from "../ports.ts";
import { issue } from "./certificate-issue.ts";
import { CertificateKeeper } from "./certificate-keeper.ts";
import { LIFETIME, ROTATE_BEFORE, SETTLE } from "./certificate-state.ts";

const NAME = "pilotlight-webhook.pilotlight.svc";
const MINUTE = 60_000;

/** A Secret as the API server keeps it: every write must name the version it was based on. */
class Secret implements SecretStore {
  stored: StoredSecret | undefined;
  writes = 0;
  failing = false;

  async read() {
    await this.#latency();
    return this.stored;
  }

  async write(data: Readonly<Record<string, string>>, version: string | undefined) {
    await this.#latency();
    if (this.stored?.version !== version) return "conflict";
    this.writes++;
    this.stored = { version: String(this.writes), data };
    return "written";
  }

  async #latency() {
    await new Promise((resolve) => setImmediate(resolve));
    if (this.failing) throw new Error("the API server cannot be reached");
  }
}

const running: CertificateKeeper[] = [];
afterEach(() => {
  for (const keeper of running.splice(0)) keeper.stop();
});

const keepers = (count: number, clock: FakeClock, secret: Secret) => {
  const published: string[] = [];
  const trust = { publish: (bundle: string) => Promise.resolve(void published.push(bundle)) };
  const made = Array.from(
    { length: count },
    () => new CertificateKeeper({ clock, log: silentLogger, secret, trust, dnsNames: [NAME], issue }),
  );
  running.push(...made);
  return { made, published };
};

const serial = (keeper: CertificateKeeper) => keeper.current()?.certificate;
const authorities = (bundle: string | undefined) => bundle?.match(/BEGIN CERTIFICATE/g)?.length ?? 0;

test("three replicas that start at once agree on one certificate, written once", async () => {
  const secret = new Secret();
  const { made, published } = keepers(3, new FakeClock(), secret);
  await Promise.all(made.map((keeper) => keeper.start()));
  expect(secret.writes).toBe(1);
  expect(new Set(made.map(serial)).size).toBe(1);
  expect(new Set(published)).toEqual(new Set([secret.stored?.data["ca-cert.pem"]]));
});

test("at rotation the new authority is published before any replica shows its certificate", async () => {
  const clock = new FakeClock();
  const secret = new Secret();
  const { made, published } = keepers(2, clock, secret);
  await Promise.all(made.map((keeper) => keeper.start()));
  const before = serial(made[0]!);

  // The checks of a month are not wanted here, only those around the rotation.
  for (const keeper of made) keeper.stop();
  await clock.advance(LIFETIME - ROTATE_BEFORE);
  await Promise.all(made.map((keeper) => keeper.check()));
  expect(made.map(serial)).toEqual([before, before]);
  expect(authorities(published.at(-1))).toBe(2);

  await clock.advance(SETTLE + MINUTE);
  await made[0]!.check();
  const after = serial(made[0]!);
  expect(after).not.toBe(before);
  expect(serial(made[1]!)).toBe(before);
  expect(authorities(published.at(-1))).toBe(2);

  await made[1]!.check();
  expect(serial(made[1]!)).toBe(after);
  expect(secret.writes).toBe(3);
});

test("listeners hear of a change once", async () => {
  const clock = new FakeClock();
  const secret = new Secret();
  const { made } = keepers(1, clock, secret);
  let heard = 0;
  using _ = made[0]!.subscribe(() => heard++);
  await made[0]!.check();
  await made[0]!.check();
  expect(heard).toBe(1);
});

test("an API server that cannot be reached at start is waited for", async () => {
  const clock = new FakeClock();
  const secret = new Secret();
  secret.failing = true;
  const { made } = keepers(1, clock, secret);
  let started = false;
  const start = made[0]!.start().then(() => (started = true));
  await clock.advance(5 * MINUTE);
  expect(started).toBe(false);
  secret.failing = false;
  await clock.advance(MINUTE);
  await start;
  expect(serial(made[0]!)).toBeDefined();
});

test("one that fails later leaves the certificate in use", async () => {
  const clock = new FakeClock();
  const secret = new Secret();
  const { made } = keepers(1, clock, secret);
  await made[0]!.start();
  const before = serial(made[0]!);
  secret.failing = true;
  await clock.advance(5 * MINUTE);
  expect(serial(made[0]!)).toBe(before);
});

test("stopped before it ever had a certificate: start rejects, no timer is left", async () => {
  const clock = new FakeClock();
  const secret = new Secret();
  secret.failing = true;
  const { made } = keepers(1, clock, secret);
  const start = made[0]!.start();
  await clock.advance(MINUTE);
  made[0]!.stop();
  await expect(start).rejects.toThrow("stopped");
});

test("a Secret that somebody emptied is filled again", async () => {
  const clock = new FakeClock();
  const secret = new Secret();
  const { made } = keepers(1, clock, secret);
  await made[0]!.check();
  const before = serial(made[0]!);
  secret.stored = { version: "hand-made", data: { "server-cert.pem": "" } };
  await made[0]!.check();
  expect(serial(made[0]!)).not.toBe(before);
});
