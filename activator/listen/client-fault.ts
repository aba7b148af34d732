import { RequestError } from "#core/errors.ts";

/** What the parser, or node's watch over heads, has against a client; undefined when its connection just broke. */
export const clientFault = (error: Error): RequestError | undefined => {
  const { code = "", reason } = error as NodeJS.ErrnoException & { readonly reason?: string };
  if (code === "HPE_HEADER_OVERFLOW") return new RequestError("headers_too_large");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new RequestError("head_timeout");
  // The end came within a head or a body: whoever sent it is gone.
  if (!code.startsWith("HPE_") || code === "HPE_INVALID_EOF_STATE") return undefined;
  return new RequestError("bad_request", { detail: reason ?? code });
};
