import { STATUS_CODES } from "node:http";
import type { Exchange } from "../exchange.ts";
import type { Fields } from "../inbound.ts";

/** Answers a request here, without a pod. */
export const answerLocally = (
  exchange: Exchange,
  status: number,
  text: string,
  fields: Fields = [],
): Promise<void> => {
  const body = Buffer.from(text);
  exchange.status = status;
  const { inbound } = exchange;
  inbound.start(status, STATUS_CODES[status] ?? "", [
    "Content-Type",
    "text/plain; charset=utf-8",
    "Content-Length",
    String(body.length),
    ...fields,
  ]);
  if (body.length > 0) inbound.write(body);
  inbound.end([]);
  return Promise.resolve();
};
