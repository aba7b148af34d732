import { existsSync } from "node:fs";
import type { Kind } from "./rows.ts";

/** Debian has it in a package of its own: libnginx-mod-stream. */
const streamModule = "/usr/lib/nginx/modules/ngx_stream_module.so";

/** What nginx can do here. */
export const nginxKinds: readonly Kind[] = existsSync(streamModule)
  ? ["http", "grpc", "tcp"]
  : ["http", "grpc"];

/** One process that keeps its connections on both sides and sets the same fields as we do. */
export const nginxConfig = (
  kind: Kind,
  port: number,
  { upstreams, at }: { readonly upstreams: readonly number[]; readonly at: string },
): string => {
  const servers = upstreams.map((upstream) => `server 127.0.0.1:${upstream};`).join(" ");
  const listen = `listen 127.0.0.1:${port}`;
  const body = kind === "tcp" ? stream(listen, servers) : http(kind, listen, { servers, at });
  return `
${kind === "tcp" ? `load_module ${streamModule};` : ""}
daemon off; master_process off; worker_processes 1; pid ${at}/pid; error_log ${at}/error.log;
events { worker_connections 20000; }
${body}
`;
};

const stream = (listen: string, servers: string): string => `
stream {
  upstream pods { ${servers} }
  server { ${listen} backlog=4096; proxy_pass pods; }
}`;

const http = (
  kind: "http" | "grpc",
  listen: string,
  { servers, at }: { readonly servers: string; readonly at: string },
): string => `
http {
  access_log off; keepalive_requests 1000000000; client_body_temp_path ${at}/body; proxy_temp_path ${at}/proxy;
  fastcgi_temp_path ${at}/f; uwsgi_temp_path ${at}/u; scgi_temp_path ${at}/s;
  upstream pods { ${servers} keepalive 10000; keepalive_requests 1000000000; }
  server {
    ${listen} backlog=4096${kind === "grpc" ? " http2" : ""};
    ${kind === "grpc" ? grpcLocation : httpLocations}
  }
}`;

const grpcLocation = `location / {
      grpc_pass grpc://pods; grpc_set_header Host $http_host; grpc_read_timeout 300s;
      grpc_set_header X-Forwarded-For $proxy_add_x_forwarded_for; grpc_set_header X-Forwarded-Proto $scheme;
    }`;

const forwarded = `proxy_pass http://pods; proxy_http_version 1.1; proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Host $http_host; proxy_read_timeout 300s;`;

const httpLocations = `location / { ${forwarded} proxy_set_header Connection ""; }
    location /ws { ${forwarded} proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }`;
