import { join } from "node:path";
import { type AppOptions } from "../helpers/pilotlight.ts";

/** nginx as a pod: `server` is the inside of its server block, with PORT where the pod's port is to be. */
export const nginxApp = (name: string, folder: string, server: string): Omit<AppOptions, "annotations"> => {
  const own = join(folder, "nginx.conf");
  const configuration = `
    daemon off; master_process off; pid ${join(folder, "pid")}; error_log stderr;
    events {}
    http {
      access_log off; default_type application/octet-stream; client_max_body_size 0;
      client_body_temp_path ${join(folder, "body")};
      server { root ${join(folder, "www")}; ${server} }
    }`;
  const start = `printf %s "$CONFIGURATION" | sed "s/PORT/$PORT/g" > ${own} && exec nginx -c ${own}`;
  return { name, command: ["sh", "-c", start], env: { CONFIGURATION: configuration.replaceAll("$", "$$") } };
};
