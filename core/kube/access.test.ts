import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { inClusterAccess } from "./access.ts";
import { kubeconfigAccess } from "./kubeconfig.ts";

let folder: string;
let clock: FakeClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "pilotlight-access-"));
  clock = new FakeClock();
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const kubeconfig = (user: object, cluster: object = {}): string =>
  write(
    "config",
    JSON.stringify({
      "current-context": "here",
      clusters: [{ name: "c", cluster: { server: "https://example:6443/", ...cluster } }],
      users: [{ name: "u", user }],
      contexts: [
        { name: "here", context: { cluster: "c", user: "u", namespace: "ours" } },
        { name: "there", context: { cluster: "none", user: "u" } },
      ],
    }),
  );

test("a pod's own access; its token is read again each minute, or when it was refused", async () => {
  for (const [name, text] of Object.entries({ token: "one\n", "ca.crt": "CA", namespace: "ours\n" })) {
    write(name, text);
  }
  const access = await inClusterAccess({ host: "10.0.0.1", port: "443", clock, directory: folder });
  expect(access).toMatchObject({ server: "https://10.0.0.1:443", namespace: "ours", tls: { ca: "CA" } });
  write("token", "two\n");
  expect(await access.token(false)).toBe("one");
  expect(await access.token(true)).toBe("two");
  write("token", "three\n");
  await clock.advance(60_000);
  expect(await access.token(false)).toBe("three");
});

test("an IPv6 API server", async () => {
  for (const name of ["token", "ca.crt", "namespace"]) write(name, "x");
  const access = await inClusterAccess({ host: "fd00::1", port: "443", clock, directory: folder });
  expect(access.server).toBe("https://[fd00::1]:443");
});

test("a kubeconfig: authority in place, certificate beside it, context", async () => {
  write("client.crt", "CERT");
  const path = kubeconfig(
    { "client-certificate": "client.crt", "client-key-data": Buffer.from("KEY").toString("base64") },
    { "certificate-authority-data": Buffer.from("CA").toString("base64"), "tls-server-name": "api" },
  );
  expect(await kubeconfigAccess(path, { clock })).toMatchObject({
    server: "https://example:6443",
    namespace: "ours",
    tls: { ca: "CA", cert: "CERT", key: "KEY", servername: "api" },
  });
  await expect(kubeconfigAccess(path, { clock, context: "there" })).rejects.toThrow('no cluster "none"');
  await expect(kubeconfigAccess(path, { clock, context: "x" })).rejects.toThrow('no context "x"');
});

test("tokens: in place, in a file, from a command that gets its settings and whose token is kept until its end", async () => {
  const inPlace = await kubeconfigAccess(kubeconfig({ token: "t" }), { clock });
  expect(await inPlace.token(false)).toBe("t");
  write("token", "from-file\n");
  const fromFile = await kubeconfigAccess(kubeconfig({ tokenFile: "token" }), { clock });
  expect(await fromFile.token(false)).toBe("from-file");

  const end = new Date(clock.now() + 100_000).toISOString();
  const script = `
    const { kind } = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
    const token = [kind, process.env.EXTRA, process.argv[2], process.pid].join("-");
    console.log(JSON.stringify({ status: { token, expirationTimestamp: ${JSON.stringify(end)} } }));`;
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: process.execPath,
    args: [write("credential.cjs", script), "arg"],
    env: [{ name: "EXTRA", value: "extra" }],
  };
  const fromCommand = await kubeconfigAccess(kubeconfig({ exec }), { clock });
  const first = await fromCommand.token(false);
  expect(first).toMatch(/^ExecCredential-extra-arg-\d+$/);
  expect(await fromCommand.token(false)).toBe(first);
  await clock.advance(70_000);
  expect(await fromCommand.token(false)).not.toBe(first);
});
