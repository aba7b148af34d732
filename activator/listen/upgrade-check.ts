import type { IncomingMessage } from "node:http";
import type { Connection } from "./connection.ts";

const token = /^[\w!#$%&'*+.^`|~/-]+$/;

/**
 * The protocol a client may change to, as it named it. Not with a body, which would have to be forwarded first, nor
 * behind unanswered requests, whose answers still need the connection; h2c is not passed through, as its frames would
 * have to be read. An upgrade that is not granted is ignored and the request answered as usual (RFC 9110, 7.8).
 */
export const upgradeOf = (request: IncomingMessage, connection: Connection): string | undefined => {
  const { upgrade, "content-length": length, "transfer-encoding": coding } = request.headers;
  if (upgrade === undefined || !token.test(upgrade) || upgrade.toLowerCase() === "h2c") return undefined;
  if (coding !== undefined || (length !== undefined && length !== "0")) return undefined;
  if (connection.open > 0 || connection.last?.flushed === false) return undefined;
  return request.httpVersion === "1.1" ? upgrade : undefined;
};
