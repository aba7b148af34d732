import type { Fields } from "../inbound.ts";
import { kindOf, namedByConnection } from "./field-names.ts";

const connectionLength = "connection".length;

/**
 * The fields of a pod's answer as the client gets them: those that concern the pod's connection are gone, the rest
 * keeps order, case and duplicates. `Content-Length` stays; any other framing is the listener's.
 */
export const answerFields = (fields: Fields, serverTiming?: string): string[] => {
  let connection: string | undefined;
  const out: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i]!;
    const value = fields[i + 1]!;
    const kind = kindOf(name);
    if (kind !== "hop" && kind !== "te") out.push(name, value);
    else if (name.length === connectionLength && name.toLowerCase() === "connection")
      connection = connection === undefined ? value : `${connection},${value}`;
  }
  if (serverTiming !== undefined) out.push("Server-Timing", serverTiming);
  const named = namedByConnection(connection);
  return named === undefined ? out : without(out, named);
};

const without = (fields: string[], names: ReadonlySet<string>): string[] => {
  const out: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (!names.has(fields[i]!.toLowerCase())) out.push(fields[i]!, fields[i + 1]!);
  }
  return out;
};

/**
 * The parsers read an answer in another coding until the connection ends; passed on without that coding's name it
 * would be another answer.
 */
export class CodingError extends Error {
  override readonly name = "CodingError";
}

const codingLength = "transfer-encoding".length;

/** Throws a `CodingError` unless the body comes as it is, or in chunks and nothing else. */
export const checkCoding = (fields: Fields): void => {
  let seen = 0;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i]!.length !== codingLength || fields[i]!.toLowerCase() !== "transfer-encoding") continue;
    if (++seen > 1 || fields[i + 1]!.toLowerCase() !== "chunked")
      throw new CodingError("the only Transfer-Encoding understood is chunked");
  }
};

/** What a pod sent as bytes, as the strings that fields are; every byte keeps its value. */
export const fieldsOf = (raw: readonly Uint8Array[]): string[] => {
  const out: string[] = [];
  for (const bytes of raw) out.push((bytes as Buffer).toString("latin1"));
  return out;
};
