import { errors } from "undici";
import { CodingError } from "./answer-fields.ts";
import type { PodFault } from "./engine.ts";

/** How far a request had come when its connection to the pod failed. */
interface Progress {
  readonly connected: boolean;
  /** Whether the head of the answer had come. */
  readonly answered: boolean;
}

/** What a failed connection to a pod means, by the error that `net`, `http` or undici gave. */
export const faultOf = (error: Error, { connected, answered }: Progress): PodFault => {
  const { code } = error as NodeJS.ErrnoException;
  if (!connected) return "pod_refused";
  if (error instanceof CodingError) return "pod_bad_response";
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError)
    return "pod_bad_response";
  if (code?.startsWith("HPE_")) return code === "HPE_INVALID_EOF_STATE" ? "pod_reset" : "pod_bad_response";
  // Of a head with a length in it undici says this, whatever is wrong with the head.
  if (code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") return answered ? "pod_reset" : "pod_bad_response";
  // undici's word for bytes that no request asked for, and for a 101 nobody asked for.
  if (error.message === "bad response" || error.message === "bad upgrade") return "pod_bad_response";
  if (code === "ERR_INVALID_CHAR" || code === "ERR_HTTP_TRAILER_INVALID") return "pod_bad_response";
  return "pod_reset";
};
