import type { ClientHttp2Stream } from "node:http2";
import type { Exchange } from "../exchange.ts";
import { lowerFields } from "../http2-fields.ts";
import { PodFailure, type PodFault } from "./engine.ts";
import { requestFields } from "./request-fields.ts";

/** The head of a request for a pod: pseudo-header fields first (RFC 9113, 8.3.1), and the client's own. */
export const requestHead = (
  { inbound }: Exchange,
  pseudo: readonly string[],
  authority: string,
): string[] => {
  const head = [...pseudo, ":scheme", "http", ":authority", inbound.host ?? authority];
  head.push(":path", inbound.target);
  const fields = lowerFields(requestFields(inbound));
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== "host") head.push(fields[i]!, fields[i + 1]!);
  }
  if (inbound.expectsContinue) head.push("expect", "100-continue");
  return head;
};

/** Sent back by a pod that has not looked at the request (RFC 9113, 8.7). */
const REFUSED_STREAM = 7;
const PROTOCOL_ERROR = 1;

/** What a stream that broke says of the pod. A stream that was reset on a connection that goes on says nothing. */
export const streamFailure = (
  stream: ClientHttp2Stream,
  error: Error,
  { served, alive }: { readonly served: number; readonly alive: boolean },
): PodFailure => {
  const { code } = error as NodeJS.ErrnoException;
  const never = code === "ERR_HTTP2_GOAWAY_SESSION" || code === "ERR_HTTP2_INVALID_SESSION";
  const sent = !never && !stream.pending && stream.rstCode !== REFUSED_STREAM;
  const invalid = stream.rstCode === PROTOCOL_ERROR || code === "ERR_INVALID_CHAR";
  const fault: PodFault = invalid ? "pod_bad_response" : "pod_reset";
  return new PodFailure(fault, { sent, reused: served > 0 || alive || !sent }, error);
};
