import type { IncomingMessage } from "node:http";

import { ApiError, errorOfStatus } from "./api-error.ts";

/** The whole body. Rejects when the connection breaks before its end. */
export const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
};

/** The body line by line; what stands after the last line end is a line cut short, and dropped. */
export async function* linesOf(response: IncomingMessage): AsyncGenerator<string, void, undefined> {
  response.setEncoding("utf8");
  let rest = "";
  for await (const chunk of response) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return { message: text.trim().slice(0, 300) };
  }
};

/** The response itself, or the `ApiError` that it tells. */
export const checked = async (response: IncomingMessage): Promise<IncomingMessage> => {
  const status = response.statusCode ?? 0;
  if (status < 400) return response;
  const error = errorOfStatus(parsed(await textOf(response)), status);
  const seconds = Number(response.headers["retry-after"]);
  if (error.retryAfter !== undefined || !(seconds > 0)) throw error;
  throw new ApiError(error.message, { status: error.status, reason: error.reason, retryAfter: seconds });
};
