import { once } from "node:events";
import type { ClientRequest } from "node:http";
import type { Fields, RequestBody } from "../inbound.ts";
import { trailerFields } from "./request-fields.ts";

/** Sends a request's body, if it has one, and ends the request. Reads no faster than the pod takes. */
export const sendBody = async (body: RequestBody | undefined, request: ClientRequest): Promise<void> => {
  if (body !== undefined) {
    for await (const chunk of body.chunks()) {
      if (request.destroyed) return;
      if (!request.write(chunk)) await drained(request);
    }
    if (body.length === undefined) request.addTrailers(pairs(trailerFields(body.trailers())));
  }
  request.end();
};

const drained = async (request: ClientRequest): Promise<void> => {
  const over = new AbortController();
  const { signal } = over;
  try {
    await Promise.race([once(request, "drain", { signal }), once(request, "close", { signal })]);
  } finally {
    over.abort();
  }
};

const pairs = (fields: Fields): [string, string][] => {
  const out: [string, string][] = [];
  for (let i = 0; i < fields.length; i += 2) out.push([fields[i]!, fields[i + 1]!]);
  return out;
};
