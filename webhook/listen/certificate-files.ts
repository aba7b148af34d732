import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Millis } from "#core/clock.ts";
import type { Logger } from "#core/log.ts";
import { CertificateHolder, type CertificateSource } from "./certificate.ts";

/**
 * A certificate that somebody else keeps (cert-manager), mounted as a directory with `tls.crt` and `tls.key`.
 * Read again every 10 s instead of watched: kubelet replaces the directory by a symlink swap, which file
 * watches miss on some file systems.
 */

const CHECK: Millis = 10_000;

export interface FilesDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly directory: string;
}

export const certificateFiles = ({ clock, log, directory }: FilesDeps): CertificateSource => {
  const holder = new CertificateHolder();
  const stopped = new AbortController();

  const check = async (): Promise<void> => {
    const [certificate, key] = await Promise.all(
      ["tls.crt", "tls.key"].map((file) => readFile(join(directory, file), "utf8")),
    );
    if (holder.set({ certificate: certificate!, key: key! })) log.info({ directory }, "certificate read");
  };
  const tryCheck = async (): Promise<void> => {
    try {
      await check();
    } catch (error) {
      log.warn({ err: error, directory }, "the mounted certificate could not be read; trying again");
    }
  };

  let timer: Disposable | undefined;
  return {
    name: "certificate-files",
    start: async () => {
      await tryCheck();
      while (holder.current() === undefined) {
        await clock.sleep(1_000, stopped.signal);
        await tryCheck();
      }
      timer = clock.every(CHECK, () => void tryCheck());
    },
    stop: () => {
      stopped.abort(new Error("stopped"));
      timer?.[Symbol.dispose]();
    },
    current: () => holder.current(),
    subscribe: (listener) => holder.subscribe(listener),
  };
};
