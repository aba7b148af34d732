import { STATUS_CODES } from "node:http";
import { type RequestError, errorCatalogue } from "#core/errors.ts";

/** An error as a client gets it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly reason: string;
  /** Names and values in turn, `Content-Length` included. */
  readonly fields: string[];
  readonly body: Buffer;
}

/** Says it as text to those who ask for text and not for JSON, as people do with a browser or `Accept: text/plain`. */
export const errorAnswer = (
  error: RequestError,
  about: { readonly accept?: string | undefined; readonly service?: string | undefined },
): ErrorAnswer => {
  const asText = prefersText(about.accept);
  const body = Buffer.from(asText ? textOf(error, about.service) : jsonOf(error, about.service));
  const fields = [
    "Content-Type",
    asText ? "text/plain; charset=utf-8" : "application/json",
    "Content-Length",
    String(body.length),
    "Cache-Control",
    "no-store",
    "X-Content-Type-Options",
    "nosniff",
  ];
  if (error.retryAfter !== undefined) fields.push("Retry-After", String(Math.ceil(error.retryAfter)));
  return {
    status: error.status,
    reason: STATUS_CODES[error.status] ?? "Client Closed Request",
    fields,
    body,
  };
};

/** What a client gets whose bytes are no request: a whole answer, the last one of its connection. */
export const refusalText = (error: RequestError): string => {
  const { status, reason, fields, body } = errorAnswer(error, {});
  let head = `HTTP/1.1 ${status} ${reason}\r\n`;
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  return `${head}Connection: close\r\n\r\n${body.toString()}`;
};

const prefersText = (accept: string | undefined): boolean =>
  accept !== undefined && accept.includes("text/") && !accept.includes("json");

const jsonOf = (error: RequestError, service: string | undefined): string => {
  const { by, message, remedy } = errorCatalogue[error.code];
  const { code, detail } = error;
  return `${JSON.stringify({ error: { code, message, detail, service, by, remedy } })}\n`;
};

const textOf = (error: RequestError, service: string | undefined): string => {
  const { by, message, remedy } = errorCatalogue[error.code];
  const lines = [
    `${error.status} ${error.code}: ${message}`,
    error.detail === undefined ? "" : `detail: ${error.detail}`,
    service === undefined ? "" : `service: ${service}`,
    `ended by: ${by}`,
    remedy,
  ];
  return `${lines.filter((line) => line !== "").join("\n")}\n`;
};
