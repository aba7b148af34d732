import { NETWORK_HASH, SERVING_NAMESPACE, SERVING_REVISION } from "#core/headers.ts";

/** What a proxy does with a field, where it is not simply passed on. */
export type FieldKind =
  /** Concerns one connection only (RFC 9110, 7.6.1, and what Go's ReverseProxy counts as such). */
  | "hop"
  /** Meant for the activator itself. */
  | "own"
  | "te"
  /** Announces fields behind a body; only one in chunks has any. */
  | "trailer"
  | "content-length"
  | "host"
  | "x-forwarded-for"
  | "x-forwarded-host"
  | "x-forwarded-proto"
  | "forwarded";

const kinds: Readonly<Record<string, FieldKind>> = {
  connection: "hop",
  "proxy-connection": "hop",
  "keep-alive": "hop",
  "proxy-authenticate": "hop",
  "proxy-authorization": "hop",
  "transfer-encoding": "hop",
  upgrade: "hop",
  expect: "hop",
  "http2-settings": "hop",
  te: "te",
  trailer: "trailer",
  "content-length": "content-length",
  host: "host",
  "x-forwarded-for": "x-forwarded-for",
  "x-forwarded-host": "x-forwarded-host",
  "x-forwarded-proto": "x-forwarded-proto",
  forwarded: "forwarded",
  [SERVING_NAMESPACE.toLowerCase()]: "own",
  [SERVING_REVISION.toLowerCase()]: "own",
  [NETWORK_HASH.toLowerCase()]: "own",
};

interface KnownName {
  readonly lower: string;
  readonly upper: string;
  readonly kind: FieldKind;
}

/** By length and first letter of the name, so that most names are passed over without being looked at. */
const byShape: (KnownName[] | undefined)[] = [];
const shapeOf = (length: number, firstLetter: number): number => length * 32 + (firstLetter & 31);
for (const [lower, kind] of Object.entries(kinds))
  (byShape[shapeOf(lower.length, lower.charCodeAt(0))] ??= []).push({
    lower,
    upper: lower.toUpperCase(),
    kind,
  });

/** undefined for a field that is passed on as it is. The name may be in any case. */
export const kindOf = (name: string): FieldKind | undefined => kindIn(name, 0, name.length);

/** The same for the name that stands between `start` and `end` of a text. */
export const kindIn = (text: string, start: number, end: number): FieldKind | undefined => {
  const alike = byShape[shapeOf(end - start, text.charCodeAt(start))];
  if (alike === undefined) return undefined;
  for (const known of alike) if (stands(known, text, start)) return known.kind;
  return undefined;
};

/** Compared letter by letter: a name that is cut out and lower-cased to be looked up costs several times that. */
const stands = ({ lower, upper }: KnownName, text: string, start: number): boolean => {
  for (let i = 0; i < lower.length; i++) {
    const code = text.charCodeAt(start + i);
    if (code !== lower.charCodeAt(i) && code !== upper.charCodeAt(i)) return false;
  }
  return true;
};

const usual = new Set(["", "keep-alive", "close", "upgrade", "te", "trailers"]);

/**
 * The fields that a `Connection` field names, and which therefore end here, in lower case; undefined in the usual
 * case that it names none. A name that has a kind of its own keeps it, so that nobody can have the Host or the
 * client's address removed that way.
 */
export const namedByConnection = (connection: string | undefined): ReadonlySet<string> | undefined => {
  if (connection === undefined || usual.has(connection)) return undefined;
  const names = connection
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => !usual.has(name) && kindOf(name) === undefined);
  return names.length === 0 ? undefined : new Set(names);
};
