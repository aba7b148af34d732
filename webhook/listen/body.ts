/** Reads a request's body up to a limit. */
import type { IncomingMessage } from "node:http";
import { ReviewError } from "../review.ts";

/** The API server's own limit for one object with its old version; Knative's too (`knative.md` 6.2). */
export const MAX_BODY = 3 * 1024 * 1024;

/**
 * The whole body as text. Throws a `ReviewError`: 413 as soon as it is known to be too long, 400 when the
 * client goes away before its end.
 */
export const readBody = (request: IncomingMessage): Promise<string> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = Number(request.headers["content-length"] ?? 0) > MAX_BODY ? Infinity : 0;
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= MAX_BODY) return void chunks.push(chunk);
      // What follows is read and thrown away, within the time limit of a request, so that the client gets
      // its answer instead of a reset.
      request.off("data", onData).resume();
      reject(new ReviewError(413, `could not decode body: larger than ${MAX_BODY} bytes`));
    };
    request.on("data", onData);
    request.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    request.on("error", (cause) =>
      reject(new ReviewError(400, `could not read body: ${cause.message}`, { cause })),
    );
  });
