import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import type { Part } from "./lifecycle.ts";

/** Why something is not as it should be; undefined = all is well. */
type Check = () => string | undefined;

export interface AdminOptions {
  readonly host: string;
  /** 0 = a free one. */
  readonly port: number;
  readonly registry: Registry;
  /** Whether new work may be sent here (`/readyz`). */
  readonly ready: Check;
  /** Whether the process is worth keeping (`/healthz`); absent = always. */
  readonly live?: Check;
  /** More pages, by path; what they return is sent as JSON, undefined is 404. */
  readonly pages?: Readonly<Record<string, (query: URLSearchParams) => unknown>>;
}

export interface Admin extends Part {
  /** undefined before `start`. */
  readonly port: number | undefined;
}

/** The port for those who run a component: `/metrics`, `/healthz`, `/readyz`. It never serves a Service's traffic. */
export const createAdmin = (options: AdminOptions): Admin => {
  const server = createServer({ maxHeaderSize: 16_384 }, (request, response) => {
    answer(options, request, response).catch(() => response.destroy());
  });
  return {
    name: "admin",
    get port() {
      return portOf(server);
    },
    start: () => listen(server, options),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const answer = async (options: AdminOptions, request: IncomingMessage, response: ServerResponse) => {
  const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
  if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405, "only GET\n");
  if (path === "/healthz") return verdict(response, options.live?.());
  if (path === "/readyz") return verdict(response, options.ready());
  if (path === "/metrics") {
    const text = await options.registry.metrics();
    return send(response, 200, text, options.registry.contentType);
  }
  const found = options.pages?.[path]?.(new URLSearchParams(query));
  if (found === undefined) return send(response, 404, "no such page\n");
  return send(response, 200, `${JSON.stringify(found)}\n`, "application/json");
};

const verdict = (response: ServerResponse, problem: string | undefined): void =>
  problem === undefined ? send(response, 200, "ok\n") : send(response, 503, `${problem}\n`);

const send = (
  response: ServerResponse,
  status: number,
  text: string,
  type = "text/plain; charset=utf-8",
): void => {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(text) });
  response.end(text);
};

const listen = (server: Server, at: { readonly host: string; readonly port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, () => {
      server.off("error", reject);
      resolve();
    });
  });

const portOf = (server: Server): number | undefined =>
  (server.address() as AddressInfo | null)?.port ?? undefined;
