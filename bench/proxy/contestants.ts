import { execFile } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { goProgram } from "./go-program.ts";
import { nginxConfig, nginxKinds } from "./nginx-config.ts";
import { type Running, freePort, start } from "./process.ts";
import type { Kind } from "./rows.ts";

export interface Setting {
  readonly kind: Kind;
  /** Ports of the pods. */
  readonly upstreams: readonly number[];
  /** A folder for configurations. */
  readonly folder: string;
  readonly core: string | undefined;
}

export interface Contestant {
  readonly name: string;
  /** What it can be set up for. */
  readonly kinds: readonly Kind[];
  readonly start: (setting: Setting) => Promise<Running>;
}

const protocols = { http: "http1", grpc: "h2c", tcp: "tcp" } as const;

/** With the flag that the chart sets. */
const pilotlight =
  (lane: "on" | "off") =>
  async ({ kind, upstreams, core }: Setting): Promise<Running> => {
    const port = await freePort();
    const script = resolve(import.meta.dirname, "inside.ts");
    const args = ["--max-semi-space-size=2", script, port, protocols[kind], ...upstreams].map(String);
    return start([process.execPath, ...args], { port, core, env: { PILOTLIGHT_LANE: lane } });
  };

const nginx = async ({ kind, upstreams, folder, core }: Setting): Promise<Running> => {
  const port = await freePort();
  const at = join(folder, "nginx");
  mkdirSync(at, { recursive: true });
  const file = join(at, "nginx.conf");
  writeFileSync(file, nginxConfig(kind, port, { upstreams, at }));
  return start(["nginx", "-c", file, "-p", at, "-e", join(at, "error.log")], { port, core });
};

const haproxy = async ({ kind, upstreams, folder, core }: Setting): Promise<Running> => {
  const port = await freePort();
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, haproxyConfig(kind, port, upstreams));
  return start(["haproxy", "-db", "-f", file], { port, core });
};

const haproxyConfig = (kind: Kind, port: number, upstreams: readonly number[]): string => {
  const proto = kind === "grpc" ? " proto h2" : "";
  const fields = `
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]`;
  return `
global
  nbthread 1
  maxconn 8000
defaults
  mode ${kind === "tcp" ? "tcp" : "http"}
  timeout client 300s
  timeout server 300s
  timeout tunnel 300s
  timeout connect 5s
  ${kind === "tcp" ? "" : "http-reuse always"}
frontend in
  bind 127.0.0.1:${port}${proto}
  default_backend pods
backend pods
${kind === "tcp" ? "" : fields}
${upstreams.map((upstream, i) => `  server pod${i} 127.0.0.1:${upstream} pool-max-conn -1${proto}`).join("\n")}
`;
};

const goReverseProxy = async ({ kind, upstreams, folder, core }: Setting): Promise<Running> => {
  const port = await freePort();
  const program = await goProgram("reverse-proxy", folder);
  const command = [program, kind, String(port), ...upstreams.map(String)];
  return start(command, { port, core, env: { GOMAXPROCS: "1" } });
};

/** Not among our dependencies: installed where the bench keeps its things. */
const nodePackage =
  (name: string, version: string) =>
  async ({ upstreams, folder, core }: Setting): Promise<Running> => {
    const prefix = join(folder, name);
    const entry = join(prefix, "node_modules", name, "package.json");
    mkdirSync(prefix, { recursive: true });
    if (!existsSync(entry))
      await promisify(execFile)("npm", ["install", "--no-save", "--prefix", prefix, `${name}@${version}`]);
    const port = await freePort();
    const script = resolve(import.meta.dirname, "http-proxy-app.mjs");
    const command = [process.execPath, script, name, entry, port, ...upstreams].map(String);
    return start(command, { port, core });
  };

/** In the order in which they take their turns. */
export const contestants: readonly Contestant[] = [
  { name: "pilotlight", kinds: ["http", "grpc", "tcp"], start: pilotlight("on") },
  { name: "general", kinds: ["http"], start: pilotlight("off") },
  { name: "nginx", kinds: nginxKinds, start: nginx },
  { name: "haproxy", kinds: ["http", "grpc", "tcp"], start: haproxy },
  { name: "go", kinds: ["http", "grpc", "tcp"], start: goReverseProxy },
  { name: "http-proxy", kinds: ["http"], start: nodePackage("http-proxy", "1.18.1") },
  { name: "http-proxy-3", kinds: ["http"], start: nodePackage("http-proxy-3", "2.0.1") },
];
