/** Answers one POST, whatever it is: with a review, or with an HTTP error. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "#core/log.ts";
import { decodeReview, encodeReview, ReviewError, type ReviewRequest, type Verdict } from "../review.ts";
import { readBody } from "./body.ts";

/** Decides one question. May throw: a `ReviewError`, or anything else, which is answered with 500. */
type Reviewer = (request: ReviewRequest) => Verdict | Promise<Verdict>;

/** The decisions by path. */
export type Reviewers = Readonly<Record<string, Reviewer>>;

/** What became of one POST, for the metrics. */
export type Outcome = "allowed" | "patched" | "denied" | "bad_request" | "failed";

export interface AnswerDeps {
  readonly reviewers: Reviewers;
  readonly log: Logger;
}

/** Answers one request that is no health check, whatever it is. Never rejects. */
export const answer = async (
  { reviewers, log }: AnswerDeps,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Outcome> => {
  try {
    const reviewer = reviewerFor(reviewers, request);
    const review = decodeReview(await readBody(request));
    const verdict = await reviewer(review);
    send(response, 200, encodeReview(review.uid, verdict));
    if (!verdict.allowed) return "denied";
    return verdict.patch.length > 0 ? "patched" : "allowed";
  } catch (error) {
    return refuse(response, error, log);
  }
};

/** The path without the query: the API server adds one, `?timeout=5s`. */
export const pathOf = ({ url }: IncomingMessage): string => (url ?? "").split("?", 1)[0]!;

/** Throws what `knative.md` 6.2 answers to requests that are no review. */
const reviewerFor = (reviewers: Reviewers, request: IncomingMessage): Reviewer => {
  const { method, headers } = request;
  const path = pathOf(request);
  const reviewer = Object.hasOwn(reviewers, path) ? reviewers[path] : undefined;
  if (reviewer === undefined) throw new ReviewError(400, `no controller registered for: ${path}`);
  if (method !== "POST") throw new ReviewError(405, `invalid method ${method}, want POST`);
  if (headers["content-type"] !== "application/json") {
    throw new ReviewError(415, "invalid Content-Type, want `application/json`");
  }
  return reviewer;
};

const refuse = (response: ServerResponse, error: unknown, log: Logger): Outcome => {
  const expected = error instanceof ReviewError;
  const status = expected ? error.status : 500;
  if (!expected) log.error({ err: error }, "review failed");
  const message = expected ? error.message : "the webhook failed; see its log";
  send(response, status, {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    reason: status === 500 ? "InternalError" : "BadRequest",
    code: status,
    message,
  });
  return status === 500 ? "failed" : "bad_request";
};

const send = (response: ServerResponse, status: number, body: unknown): void => {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(text),
  });
  response.end(text);
};
