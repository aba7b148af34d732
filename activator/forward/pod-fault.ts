import { errors } from "undici";
import type { PodFault } from "./engine.ts";

/** What a failed connection to a pod means, by the error that `net`, `http` or undici gave. */
export const faultOf = (error: Error, connected: boolean): PodFault => {
  const { code } = error as NodeJS.ErrnoException;
  if (!connected) return "pod_refused";
  if (error instanceof errors.HTTPParserError || error instanceof errors.HeadersOverflowError)
    return "pod_bad_response";
  if (code?.startsWith("HPE_")) return code === "HPE_INVALID_EOF_STATE" ? "pod_reset" : "pod_bad_response";
  // undici's word for bytes that no request asked for, and for a 101 nobody asked for.
  if (error.message === "bad response" || error.message === "bad upgrade") return "pod_bad_response";
  if (code === "ERR_INVALID_CHAR" || code === "ERR_HTTP_TRAILER_INVALID") return "pod_bad_response";
  return "pod_reset";
};
