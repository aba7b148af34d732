import { isIPv6 } from "node:net";
import type { Fields, Inbound } from "../inbound.ts";
import { type FieldKind, kindOf, namedByConnection } from "./field-names.ts";

/** What was seen of the fields that are rewritten rather than passed on. */
interface Seen {
  forwardedFor: string;
  forwarded: string;
  proto: boolean;
  host: boolean;
}

/**
 * The fields of a request as the pod gets them: what concerns the client's connection or the activator is gone,
 * the client's address is appended to `X-Forwarded-For`, `X-Forwarded-Host` and `-Proto` are set unless a proxy
 * before us did, `Forwarded` gets an element where there is one already (RFC 7239; with none we add none: the
 * X- fields say the same). The rest, Host included, keeps its value, order, case and duplicates. Framing
 * (`Content-Length` aside) is the engine's.
 */
export const requestFields = (inbound: Inbound): string[] => {
  const { fields } = inbound;
  const named = namedByConnection(inbound.field("connection"));
  const seen: Seen = { forwardedFor: "", forwarded: "", proto: false, host: false };
  const out: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!;
    const value = fields[i + 1]!;
    const kind = kindOf(name);
    if (kind !== undefined) {
      const kept = rewritten(kind, value, seen);
      if (kept !== undefined && belongs(kind, inbound)) out.push(name, kept);
    } else if (named === undefined || !named.has(name.toLowerCase())) out.push(name, value);
  }
  out.push(...addedFields(inbound, seen));
  return out;
};

/** Whether a field that is said of a body may be said of this one; node would not send `Trailer` without chunks. */
const belongs = (kind: FieldKind, { body }: Inbound): boolean => {
  if (kind === "content-length") return body !== undefined;
  return kind !== "trailer" || (body !== undefined && body.length === undefined);
};

const nothingSeen: Seen = { forwardedFor: "", forwarded: "", proto: false, host: false };

/** What is said of the client behind all other fields; by itself for a request that no proxy before us has marked. */
export const addedFields = (inbound: Pick<Inbound, "peer" | "host">, seen: Seen = nothingSeen): string[] => {
  const out = ["X-Forwarded-For", joined(seen.forwardedFor, inbound.peer)];
  if (!seen.proto) out.push("X-Forwarded-Proto", "http");
  if (!seen.host && inbound.host !== undefined) out.push("X-Forwarded-Host", inbound.host);
  if (seen.forwarded !== "") out.push("Forwarded", joined(seen.forwarded, forwardedElement(inbound)));
  return out;
};

/** The value that stays where the field is; undefined when nothing does. */
const rewritten = (kind: FieldKind, value: string, seen: Seen): string | undefined => {
  switch (kind) {
    case "hop":
    case "own":
      return undefined;
    case "te":
      return /(^|,)\s*trailers\s*(,|$)/i.test(value) ? "trailers" : undefined;
    case "x-forwarded-for":
      seen.forwardedFor = joined(seen.forwardedFor, value);
      return undefined;
    case "forwarded":
      seen.forwarded = joined(seen.forwarded, value);
      return undefined;
    case "x-forwarded-proto":
      seen.proto = true;
      return value;
    case "x-forwarded-host":
      seen.host = true;
      return value;
    case "host":
    case "content-length":
    case "trailer":
      return value;
  }
};

const joined = (list: string, item: string): string => (list === "" ? item : `${list}, ${item}`);

const forwardedElement = ({ peer, host }: Pick<Inbound, "peer" | "host">): string => {
  const node = isIPv6(peer) ? `"[${peer}]"` : peer;
  const at = host === undefined ? "" : `;host="${host.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
  return `for=${node}${at};proto=http`;
};

/** A trailer field cannot change what the head said about framing, routing or the connection. */
const isTrailer = (name: string): boolean => kindOf(name) === undefined && !forbidden.has(name.toLowerCase());

/** RFC 9110, 6.5.1: fields that have no meaning, or a dangerous one, behind the body. */
const forbidden = new Set([
  "authorization",
  "set-cookie",
  "content-type",
  "content-encoding",
  "content-range",
]);

/** The trailer fields that may be passed on. */
export const trailerFields = (fields: Fields): Fields => {
  if (fields.length === 0) return fields;
  const out: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (isTrailer(fields[i]!)) out.push(fields[i]!, fields[i + 1]!);
  }
  return out;
};
