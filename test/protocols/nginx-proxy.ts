import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Dest } from "#core/ports.ts";
import { PodServer } from "../helpers/pod-server.ts";
import { RawSocket } from "../helpers/raw-socket.ts";
import { until } from "../helpers/until.ts";

/** nginx as a reverse proxy, with Debian's build and nothing but what forwarding needs. */
export class NginxProxy implements AsyncDisposable {
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #host: string;
  readonly #port: number;

  private constructor(folder: string, child: ChildProcess, { host, ports }: Dest) {
    this.#folder = folder;
    this.#child = child;
    this.#host = host;
    this.#port = ports[0]!;
  }

  static async start(pod: Dest): Promise<NginxProxy> {
    const folder = mkdtempSync(join(tmpdir(), "pilotlight-nginx-"));
    const { dest } = await PodServer.start("closed");
    await writeFile(join(folder, "nginx.conf"), configuration(folder, dest, pod));
    const child = spawn("nginx", ["-c", join(folder, "nginx.conf")], { stdio: "ignore" });
    const proxy = new NginxProxy(folder, child, dest);
    await until(async () => {
      const client = await proxy.connect().catch(() => undefined);
      client?.reset();
      return client !== undefined;
    }, "nginx");
    return proxy;
  }

  connect(): Promise<RawSocket> {
    return RawSocket.connect(this.#port, this.#host);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = once(this.#child, "exit");
    this.#child.kill();
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

const configuration = (folder: string, { key }: Dest, pod: Dest): string => `
  daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
  events { worker_connections 4096; }
  http {
    access_log off;
    client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
    server {
      listen ${key};
      location / { proxy_pass http://${pod.key}; proxy_http_version 1.1; proxy_set_header Host $http_host; }
    }
  }`;
