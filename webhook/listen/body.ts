import type { IncomingMessage } from "node:http";
import { ReviewError } from "../review.ts";

/** The API server's own limit for one object with its old version; Knative's too (`knative.md` 6.2). */
export const MAX_BODY = 3 * 1024 * 1024;

/**
 * The whole body as text. Throws a `ReviewError`: 413 as soon as it is known to be too long, 400 when the
 * client goes away before its end.
 */
export const readBody = async (request: IncomingMessage): Promise<string> => {
  if (Number(request.headers["content-length"]) > MAX_BODY) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ReviewError) throw error;
    throw new ReviewError(400, `could not read body: ${(error as Error).message}`, { cause: error });
  }
  return Buffer.concat(chunks).toString("utf8");
};

const tooLarge = () => new ReviewError(413, `could not decode body: larger than ${MAX_BODY} bytes`);
