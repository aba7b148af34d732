import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { silentLogger } from "#core/log.ts";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { certificateFiles } from "./certificate-files.ts";
import { issue } from "./certificate-issue.ts";
import type { CertificateSource } from "./certificate.ts";

let directory: string;
let source: CertificateSource | undefined;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "pilotlight-certificate-"));
});
afterEach(async () => {
  source?.stop();
  await rm(directory, { recursive: true });
});

const put = async () => {
  const { certificate, key } = await issue(["webhook"], 1_800_000_000_000);
  await writeFile(join(directory, "tls.crt"), certificate);
  await writeFile(join(directory, "tls.key"), key);
  return certificate;
};

test("reads what is mounted, and again when it changes", async () => {
  const clock = new FakeClock();
  const first = await put();
  source = certificateFiles({ clock, log: silentLogger, directory });
  await source.start();
  expect(source.current()?.certificate).toBe(first);
  const second = await put();
  await clock.advance(10_000);
  await vi.waitFor(() => expect(source?.current()?.certificate).toBe(second), 20_000);
});

test("waits for files that are not there yet", async () => {
  const clock = new FakeClock();
  source = certificateFiles({ clock, log: silentLogger, directory });
  const started = source.start();
  await vi.waitFor(() => expect(clock.pending).toBe(1), 20_000);
  const certificate = await put();
  await clock.advance(1_000);
  await started;
  expect(source.current()?.certificate).toBe(certificate);
});

test("keeps the one in use when the files are spoilt, or do not belong together", async () => {
  const clock = new FakeClock();
  const first = await put();
  let failed = 0;
  const log = silentLogger.child({});
  log.warn = () => void failed++;
  source = certificateFiles({ clock, log, directory });
  await source.start();
  await writeFile(join(directory, "tls.crt"), "spoilt");
  await clock.advance(10_000);
  await vi.waitFor(() => expect(failed).toBe(1), 20_000);
  expect(source.current()?.certificate).toBe(first);
});
