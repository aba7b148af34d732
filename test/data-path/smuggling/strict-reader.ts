/** Reads what a pod got, by the letter of RFC 9112; written apart from the activator's own readers. */

const forwarding =
  /^(connection|keep-alive|x-forwarded-(for|host|proto)|content-length|transfer-encoding|expect|te)$/i;

interface Framing {
  readonly length: number;
  readonly chunked: boolean;
}

/** The requests in `bytes`, each in the form of `RequestCase.sees`, and what is left behind the last complete one. */
export const readRequests = (bytes: string): { readonly requests: string[]; readonly rest: string } => {
  const requests: string[] = [];
  let rest = bytes;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return { requests, rest };
    const [first = "", ...lines] = rest.slice(0, end).split("\r\n");
    const fields = lines.map(fieldOf);
    const body = readBody(rest.slice(end + 4), framingOf(fields));
    if (body === undefined) return { requests, rest };
    rest = body.rest;
    requests.push(shown(first, fields, body));
  }
};

const shown = (
  first: string,
  fields: readonly (readonly [string, string])[],
  body: { readonly data: string; readonly trailers: readonly string[] },
): string => {
  const kept = fields
    .filter(([name, value]) => !forwarding.test(name) && !(/^host$/i.test(name) && value === "hello.default"))
    .map(([name, value]) => `${name}: ${value}`);
  const head = [first, ...kept].join("\n");
  const data = body.data === "" ? head : `${head}\n\n${body.data}`;
  return [data, ...body.trailers].join("\n");
};

const fieldOf = (line: string): readonly [string, string] => {
  const match = /^([!#$%&'*+.^_`|~0-9a-z-]+):[ \t]*(.*?)[ \t]*$/is.exec(line);
  if (
    match === null ||
    line.split("").some((letter) => letter !== "\t" && (letter < " " || letter === "\x7f"))
  )
    throw new Error(`no field: ${JSON.stringify(line)}`);
  return [match[1]!, match[2]!];
};

const framingOf = (fields: readonly (readonly [string, string])[]): Framing => {
  const valuesOf = (wanted: string) =>
    fields.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  const lengths = valuesOf("content-length");
  const codings = valuesOf("transfer-encoding");
  if (lengths.length + codings.length > 1) throw new Error("more than one framing");
  if (lengths.length === 1 && !/^\d+$/.test(lengths[0]!)) throw new Error(`no length: ${lengths[0]}`);
  if (codings.length === 1 && codings[0] !== "chunked") throw new Error(`no coding: ${codings[0]}`);
  if (valuesOf("host").length !== 1) throw new Error("not one Host");
  return { length: Number(lengths[0] ?? 0), chunked: codings.length === 1 };
};

const readBody = (
  bytes: string,
  { length, chunked }: Framing,
): { data: string; trailers: string[]; rest: string } | undefined => {
  if (!chunked) {
    if (bytes.length < length) return undefined;
    return { data: bytes.slice(0, length), trailers: [], rest: bytes.slice(length) };
  }
  let data = "";
  let rest = bytes;
  for (;;) {
    const size = /^([0-9a-f]+)\r\n/i.exec(rest);
    if (size === null) {
      if (/^[0-9a-f]*\r?$/i.test(rest)) return undefined;
      throw new Error(`no chunk: ${JSON.stringify(rest.slice(0, 40))}`);
    }
    const count = Number.parseInt(size[1]!, 16);
    const from = size[0].length;
    if (count === 0) return readTrailers(rest.slice(from), data);
    if (rest.length < from + count + 2) return undefined;
    if (rest.slice(from + count, from + count + 2) !== "\r\n") throw new Error("a chunk without its end");
    data += rest.slice(from, from + count);
    rest = rest.slice(from + count + 2);
  }
};

const readTrailers = (
  bytes: string,
  data: string,
): { data: string; trailers: string[]; rest: string } | undefined => {
  if (bytes.startsWith("\r\n")) return { data, trailers: [], rest: bytes.slice(2) };
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const trailers = bytes.slice(0, end).split("\r\n");
  for (const line of trailers) fieldOf(line);
  return { data, trailers, rest: bytes.slice(end + 4) };
};
