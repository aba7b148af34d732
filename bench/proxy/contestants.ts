import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Running, freePort, start } from "./process.ts";
import { goProgram } from "./go-program.ts";

export interface Setting {
  /** Ports of the pods. */
  readonly upstreams: readonly number[];
  /** A folder for configurations. */
  readonly folder: string;
  readonly core: string | undefined;
}

export interface Contestant {
  readonly name: string;
  readonly start: (setting: Setting) => Promise<Running>;
}

const pilotlight =
  (lane: "on" | "off") =>
  async ({ upstreams, core }: Setting): Promise<Running> => {
    const port = await freePort();
    const inside = resolve(import.meta.dirname, "inside.ts");
    const command = [process.execPath, "--max-semi-space-size=2", inside, String(port), ...upstreams.map(String)];
    return start(command, { port, core, env: { PILOTLIGHT_LANE: lane } });
  };

const nginx = async ({ upstreams, folder, core }: Setting): Promise<Running> => {
  const port = await freePort();
  const at = join(folder, "nginx");
  mkdirSync(at, { recursive: true });
  const file = join(at, "nginx.conf");
  writeFileSync(file, nginxConfig(port, upstreams, at));
  return start(["nginx", "-c", file, "-p", at, "-e", join(at, "error.log")], { port, core });
};

/** One process that keeps its connections on both sides and sets the same fields as we do. */
const nginxConfig = (port: number, upstreams: readonly number[], at: string): string => `
daemon off; master_process off; worker_processes 1; pid ${at}/pid; error_log ${at}/error.log;
events { worker_connections 20000; }
http {
  access_log off; keepalive_requests 1000000000; client_body_temp_path ${at}/body; proxy_temp_path ${at}/proxy;
  fastcgi_temp_path ${at}/f; uwsgi_temp_path ${at}/u; scgi_temp_path ${at}/s;
  upstream pods {
    ${upstreams.map((upstream) => `server 127.0.0.1:${upstream};`).join(" ")}
    keepalive 10000; keepalive_requests 1000000000;
  }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://pods; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host; proxy_read_timeout 300s;
    }
  }
}
`;

const haproxy = async ({ upstreams, folder, core }: Setting): Promise<Running> => {
  const port = await freePort();
  const file = join(folder, "haproxy.cfg");
  writeFileSync(file, haproxyConfig(port, upstreams));
  return start(["haproxy", "-db", "-f", file], { port, core });
};

const haproxyConfig = (port: number, upstreams: readonly number[]): string => `
global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout client 300s
  timeout server 300s
  timeout connect 5s
  http-reuse always
frontend in
  bind 127.0.0.1:${port}
  default_backend pods
backend pods
  option forwardfor
  http-request set-header X-Forwarded-Proto http
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
${upstreams.map((upstream, i) => `  server pod${i} 127.0.0.1:${upstream} pool-max-conn -1`).join("\n")}
`;

const goReverseProxy = async ({ upstreams, folder, core }: Setting): Promise<Running> => {
  const port = await freePort();
  const program = await goProgram("reverse-proxy", folder);
  const command = [program, String(port), ...upstreams.map(String)];
  return start(command, { port, core, env: { GOMAXPROCS: "1" } });
};

/** In the order in which they take their turns. */
export const contestants: readonly Contestant[] = [
  { name: "pilotlight", start: pilotlight("on") },
  { name: "general", start: pilotlight("off") },
  { name: "nginx", start: nginx },
  { name: "haproxy", start: haproxy },
  { name: "go", start: goReverseProxy },
];
