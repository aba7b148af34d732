import { randomBytes } from "node:crypto";
import { RequestError } from "#core/errors.ts";
import type { Fields } from "../inbound.ts";

/** A request's head as the pipeline knows it. */
export interface Http2Head {
  readonly method: string;
  readonly target: string;
  readonly host: string | undefined;
  /** In the form of HTTP/1.1: a Host field, cookies in one, no pseudo-header fields. */
  readonly fields: Fields;
  readonly upgrade: string | undefined;
}

const hostForm = /^[\w.~!$&'()*+,;=:%[\]-]*$/;

/**
 * The head of a request as HTTP/1.1 would have it (RFC 9113, 8.3 and 8.5; RFC 8441), or the error that names what is
 * wrong. nghttp2 has refused what is malformed by itself: unknown pseudo-header fields, upper case, fields of the
 * connection.
 */
export const readHead = (raw: Fields): Http2Head | RequestError => {
  const pseudo: Record<string, string> = {};
  const fields: string[] = [];
  const cookies: string[] = [];
  let host: string | undefined;
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    const value = raw[i + 1]!;
    if (name.startsWith(":")) pseudo[name] = value;
    else if (name === "cookie") cookies.push(value);
    else if (name !== "host") fields.push(name, value);
    else if (host !== undefined) return bad("there is more than one Host field");
    else host = value;
  }
  const authority = pseudo[":authority"];
  if (authority !== undefined && host !== undefined && authority.toLowerCase() !== host.toLowerCase())
    return bad("the authority and the Host field disagree");
  host = authority ?? host;
  if (host !== undefined && !hostForm.test(host)) return bad("the authority is not a host");
  if (cookies.length > 0) fields.push("cookie", cookies.join("; "));
  const all = host === undefined ? fields : ["host", host, ...fields];
  return request(pseudo, host, all);
};

const request = (
  pseudo: Readonly<Record<string, string>>,
  host: string | undefined,
  fields: string[],
): Http2Head | RequestError => {
  const method = pseudo[":method"]!;
  const upgrade = pseudo[":protocol"];
  if (method === "CONNECT" && upgrade === undefined) return bad("this is not a proxy for CONNECT");
  const target = pseudo[":path"] ?? "";
  const asterisk = target === "*" && method === "OPTIONS";
  if (!target.startsWith("/") && !asterisk) return bad("the path does not begin with a slash");
  if (target.includes("#")) return bad("the path has a fragment");
  if (upgrade === undefined) return { method, target, host, fields, upgrade };
  if (upgrade !== "websocket") return bad(`the protocol ${upgrade} is not known here`);
  // What HTTP/1.1 needs in addition; HTTP/2 has no use for it (RFC 8441, 5).
  fields.push("sec-websocket-key", randomBytes(16).toString("base64"));
  return { method: "GET", target, host, fields, upgrade };
};

const bad = (detail: string): RequestError => new RequestError("bad_request", { detail });
