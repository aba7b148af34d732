import { once } from "node:events";
import type { Writable } from "node:stream";
import type { RequestBody } from "../inbound.ts";

/**
 * Sends a request's body, if it has one, and ends the request. Reads no faster than the pod takes; `beforeEnd` is
 * called when all of the body has been written.
 */
export const sendBody = async (
  body: RequestBody | undefined,
  request: Writable,
  beforeEnd?: () => void,
): Promise<void> => {
  if (body !== undefined) {
    for await (const chunk of body.chunks()) {
      if (request.destroyed) return;
      if (!request.write(chunk)) await drained(request);
    }
  }
  beforeEnd?.();
  request.end();
};

const drained = async (request: Writable): Promise<void> => {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(request, "drain", { signal }), once(request, "close", { signal })]);
  } finally {
    over.abort();
  }
};
