import { expect, test } from "vitest";
import { type ErrorCode, RequestError, errorCatalogue } from "#core/errors.ts";
import { errorAnswer } from "./error-answer.ts";

const codes = Object.keys(errorCatalogue) as ErrorCode[];

test.each(codes)("%s says in JSON all that its entry in the catalogue has", (code) => {
  const { status, fields, body } = errorAnswer(new RequestError(code, { detail: "why" }), { service: "a/b" });
  const { message, by, remedy } = errorCatalogue[code];
  expect(status).toBe(errorCatalogue[code].status);
  expect(JSON.parse(body.toString())).toEqual({
    error: { code, message, detail: "why", service: "a/b", by, remedy },
  });
  expect(fields[fields.indexOf("Content-Length") + 1]).toBe(String(body.length));
});

test.each(codes)("%s has the same in text", (code) => {
  const text = errorAnswer(new RequestError(code), { accept: "text/html" }).body.toString();
  expect(text).toContain(code);
  expect(text).toContain(errorCatalogue[code].remedy);
  expect(text).not.toContain("undefined");
});

test("Retry-After is whole seconds, and only where it is known", () => {
  const { fields } = errorAnswer(new RequestError("queue_full", { retryAfter: 1.2 }), {});
  expect(fields.slice(-2)).toEqual(["Retry-After", "2"]);
  expect(errorAnswer(new RequestError("queue_full"), {}).fields).not.toContain("Retry-After");
});
