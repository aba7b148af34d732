import type { Millis } from "#core/clock.ts";
import { type RequestError, errorCatalogue } from "#core/errors.ts";
import type { Inbound } from "./inbound.ts";

/** gRPC over HTTP/2 as far as a proxy must know it (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */

const grpcType = /^application\/grpc(?:[+;-]|$)/;

/** Whether a request is gRPC's, gRPC-Web included: its failures are told by `grpc-status`, not by HTTP's status. */
export const isGrpc = (inbound: Pick<Inbound, "method" | "field">): boolean =>
  inbound.method === "POST" && grpcType.test(inbound.field("content-type") ?? "");

const unitsMs: Readonly<Record<string, Millis>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** The value of `grpc-timeout`; undefined when it is none. */
export const readGrpcTimeout = (text: string): Millis | undefined => {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? [];
  return digits === undefined ? undefined : Number(digits) * unitsMs[unit!]!;
};

/** Everything but printable ASCII, and the percent sign itself, as `%XX` of its UTF-8. */
const encodeMessage = (text: string): string =>
  text.replace(/[^ -$&-~]+/g, (part) =>
    [...Buffer.from(part)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join(""),
  );

/** A failure as the trailers of a gRPC answer, which are all there is of one that has not begun. */
export const grpcTrailers = (error: RequestError): string[] => {
  const { grpc, message } = errorCatalogue[error.code];
  const detail = error.detail === undefined ? "" : `: ${error.detail}`;
  return ["grpc-status", String(grpc), "grpc-message", encodeMessage(`${error.code}: ${message}${detail}`)];
};
