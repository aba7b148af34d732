import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

import type { Access } from "#core/kube/access.ts";
import { applyPatch, type Operation } from "./json-patch.ts";
import { ObjectStore, StatusError } from "./object-store.ts";
import type { StoredObject } from "./object-store.ts";

type Json = Record<string, unknown>;

/**
 * A small API server over HTTP for tests: objects of any kind, resource versions, 404/409/410, merge patches,
 * `/scale`, label and field selectors, and watches that can be cut. What real clusters do beyond that is
 * tested in `test/cluster`.
 */
export class FakeApiServer {
  readonly store = new ObjectStore();
  readonly requests: string[] = [];
  /** When set, answers instead of the store; `undefined` from it lets the request through. */
  intercept: ((method: string, path: string) => { status: number; body: unknown } | undefined) | undefined;
  readonly #server = http.createServer((request, response) => void this.#handle(request, response));
  readonly #watches = new Set<http.ServerResponse>();
  #port = 0;

  async start(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Stops listening and cuts every connection; `start` listens on the same port again. */
  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  cutWatches(): void {
    for (const watch of this.#watches) watch.destroy();
  }

  get watches(): number {
    return this.#watches.size;
  }

  get access(): Access {
    return {
      server: `http://127.0.0.1:${this.#port}`,
      tls: {},
      token: () => Promise.resolve("test"),
      namespace: "pilotlight",
    };
  }

  async #handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://x");
    const method = request.method ?? "GET";
    this.requests.push(`${method} ${url.pathname}${url.search}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = text === "" ? undefined : (JSON.parse(text) as Json);
    try {
      const special = this.intercept?.(method, url.pathname);
      if (special !== undefined) return send(response, special.status, special.body);
      if (url.searchParams.get("watch") === "1") return this.#watch(url, response);
      const type = request.headers["content-type"] ?? "";
      send(response, 200, this.#answer({ method, url, body, json: type.includes("json-patch") }));
    } catch (error) {
      const status = error instanceof StatusError ? error.status : 500;
      send(response, status, statusObject(status, (error as Error).message));
    }
  }

  #answer({ method, url, body, json }: { method: string; url: URL; body: Json | undefined; json: boolean }) {
    const { pathname } = url;
    const scale = pathname.endsWith("/scale");
    const path = scale ? pathname.slice(0, -"/scale".length) : pathname;
    if (scale) return this.#scale(method, path, body);
    if (method === "GET" && this.store.isCollection(path)) {
      return {
        metadata: { resourceVersion: String(this.store.version) },
        items: this.store.list(path, (object) => selects(url, object)),
      };
    }
    if (method === "POST") return this.store.create(path, body as unknown as StoredObject);
    if (method === "PUT") return this.store.replace(path, body as unknown as StoredObject);
    if (method === "PATCH" && !json) return this.store.merge(path, body ?? {});
    if (method === "PATCH") {
      const patch = body as unknown as readonly Operation[];
      return this.store.replace(path, applyPatch(this.store.get(path), patch) as StoredObject);
    }
    if (method === "DELETE") return this.store.delete(path, body);
    return this.store.get(path);
  }

  #scale(method: string, path: string, body: Json | undefined): Json {
    if (method !== "GET") this.store.merge(path, body ?? {});
    const { metadata, spec } = this.store.get(path) as StoredObject & { spec?: { replicas?: number } };
    const replicas = spec?.replicas ?? 0;
    return {
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      metadata: { ...metadata },
      spec: replicas === 0 ? {} : { replicas },
    };
  }

  #watch(url: URL, response: http.ServerResponse): void {
    const from = Number(url.searchParams.get("resourceVersion"));
    const seen = new Set<string>();
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    this.#watches.add(response);
    const send = ({ type, object }: { type: string; object: StoredObject }) => {
      const known = seen.has(object.metadata.name);
      const fits = selects(url, object);
      if (!fits && !known) return;
      const shown = fits ? type : "DELETED";
      if (shown === "DELETED") seen.delete(object.metadata.name);
      else seen.add(object.metadata.name);
      response.write(`${JSON.stringify({ type: shown, object })}\n`);
    };
    if (from < this.store.oldest) {
      response.end(`${JSON.stringify({ type: "ERROR", object: statusObject(410, "too old") })}\n`);
      this.#watches.delete(response);
      return;
    }
    for (const object of this.store.list(url.pathname, (object) => selects(url, object))) {
      seen.add(object.metadata.name);
    }
    const subscription = this.store.watch(url.pathname, from, send);
    response.on("close", () => {
      subscription[Symbol.dispose]();
      this.#watches.delete(response);
    });
  }
}

const statusObject = (code: number, message: string) => ({
  kind: "Status",
  status: "Failure",
  code,
  message,
  reason: { 404: "NotFound", 409: "Conflict", 410: "Expired" }[code] ?? "InternalError",
});

const send = (response: http.ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};

const selects = (url: URL, object: StoredObject): boolean => {
  const labels = object.metadata.labels ?? {};
  const terms = (url.searchParams.get("labelSelector") ?? "").split(",").filter((term) => term !== "");
  const fields = (url.searchParams.get("fieldSelector") ?? "").split(",").filter((term) => term !== "");
  return (
    terms.every((term) => {
      const [, key = "", not, value] = /^([^!=]+)(!?)=?=?(.*)$/.exec(term) ?? [];
      if (value === "" && not === "") return key in labels;
      return not === "!" ? labels[key] !== value : labels[key] === value;
    }) &&
    fields.every((term) => {
      const [key = "", value] = term.split("=");
      const found = key.split(".").reduce<unknown>((at, part) => (at as Json | undefined)?.[part], object);
      return (typeof found === "string" ? found : "") === value;
    })
  );
};
