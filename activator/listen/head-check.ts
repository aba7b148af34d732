import type { IncomingMessage } from "node:http";
import { RequestError } from "#core/errors.ts";

/** A head that may be forwarded: its target in origin form (or `*`), and the Host it is for. */
export interface CheckedHead {
  readonly target: string;
  readonly host: string | undefined;
}

const hostForm = /^[\w.~!$&'()*+,;=:%[\]-]*$/;
const absoluteForm = /^https?:\/\/([^/?#]*)([^#]*)$/i;

/** The parser counts only the bytes of names and values; each field costs more than that. */
const maxFields = 1000;

/**
 * What the parser lets through and a proxy must not: rules of RFC 9112 whose breach two servers in a row could read
 * differently. Returns the head, or the error that names the broken rule.
 */
export const checkHead = (request: IncomingMessage): CheckedHead | RequestError => {
  const checked = request.rawHeaders.length > 2 * maxFields ? undefined : checkFields(request);
  if (checked === undefined) {
    return new RequestError("headers_too_large", { detail: `more than ${maxFields} header fields` });
  }
  return typeof checked === "string" ? new RequestError("bad_request", { detail: checked }) : checked;
};

/** The parser also takes heads that say HTTP/0.9 or HTTP/2.0. */
const versions = new Set(["1.0", "1.1"]);

const checkFields = (request: IncomingMessage): CheckedHead | string => {
  if (!versions.has(request.httpVersion)) return `there is no HTTP/${request.httpVersion} of this form`;
  const hosts = valuesOf(request.rawHeaders, "host");
  if (hosts.length > 1) return "there is more than one Host field";
  const host = hosts[0];
  if (host === undefined && request.httpVersion === "1.1") return "there is no Host field";
  if (host !== undefined && !hostForm.test(host)) return "the Host field is not a host";
  const coding = request.headers["transfer-encoding"];
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked") return "the only Transfer-Encoding understood is chunked";
    if (request.httpVersion !== "1.1") return "HTTP/1.0 has no Transfer-Encoding";
  }
  return checkTarget(request.method!, request.url!, host);
};

const checkTarget = (method: string, url: string, host: string | undefined): CheckedHead | string => {
  if (url.includes("#")) return "the target has a fragment";
  if (url.startsWith("/")) return { target: url, host };
  if (url === "*") return method === "OPTIONS" ? { target: url, host } : "only OPTIONS can ask for *";
  const absolute = absoluteForm.exec(url);
  if (absolute === null) return "the target is neither a path nor a URL";
  const [, authority = "", path = ""] = absolute;
  if (authority.includes("@")) return "the target names a user";
  if (host !== undefined && !sameHost(authority, host)) return "the target and the Host field disagree";
  const target = path.startsWith("/") ? path : `/${path}`;
  return { target, host: host ?? authority };
};

/** Port 80 may be left out. */
const sameHost = (a: string, b: string): boolean => withoutPort80(a) === withoutPort80(b);
const withoutPort80 = (host: string): string => host.toLowerCase().replace(/:80$/, "");

const valuesOf = (fields: readonly string[], name: string): string[] => {
  const found: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i]!.length === name.length && fields[i]!.toLowerCase() === name) found.push(fields[i + 1]!);
  }
  return found;
};
