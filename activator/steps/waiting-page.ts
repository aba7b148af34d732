import { STATUS_CODES } from "node:http";
import type { Millis } from "#core/clock.ts";
import type { Revision, RevisionId } from "#core/revision.ts";
import type { Exchange } from "../exchange.ts";
import type { Inbound } from "../inbound.ts";
import type { Throttler } from "../throttle/throttler.ts";
import type { Step } from "./step.ts";
import { pageOf, pagePolicy } from "./waiting-page-text.ts";

export interface WaitingPageParts {
  readonly throttler: Pick<Throttler, "snapshot">;
  readonly waker: {
    wake(revision: Revision): void;
    usualStart(id: RevisionId): Millis | undefined;
  };
}

/**
 * Shows people a page that looks again by itself, instead of an empty tab, while a Service wakes
 * (`pilotlight.dev/waiting-page`). Everything else is held as ever. The status is 503 with `Retry-After`: browsers show
 * the page all the same, and nobody between or behind them takes it for what the Service has to say.
 */
export const waitingPage =
  (parts: WaitingPageParts): Step =>
  (exchange, next) => {
    const revision = exchange.revision!;
    const page = revision.waitingPage;
    if (page === undefined || !isNavigation(exchange.inbound)) return next(exchange);
    if (parts.throttler.snapshot(revision.id).dests > 0) return next(exchange);
    parts.waker.wake(revision);
    const seconds = lookAgainAfter(parts.waker.usualStart(revision.id));
    answer(exchange, pageOf({ title: page.title ?? revision.name, theme: page.theme, seconds }), seconds);
    return Promise.resolve();
  };

/** A person opens a page: browsers say so in `Sec-Fetch-Mode`, older ones by what they would like best. */
const isNavigation = (inbound: Pick<Inbound, "method" | "body" | "upgrade" | "raw" | "field">): boolean => {
  if (inbound.raw || inbound.method !== "GET" || inbound.body !== undefined || inbound.upgrade !== undefined)
    return false;
  const mode = inbound.field("sec-fetch-mode");
  const accept = inbound.field("accept")?.toLowerCase() ?? "";
  return mode === undefined
    ? accept.startsWith("text/html")
    : mode === "navigate" && accept.includes("text/html");
};

/** About twice within a usual start. */
const lookAgainAfter = (usualMs: Millis | undefined): number =>
  usualMs === undefined ? 2 : Math.min(Math.max(1, Math.round(usualMs / 2000)), 10);

const answer = (exchange: Exchange, html: string, seconds: number): void => {
  const body = Buffer.from(html);
  const { inbound } = exchange;
  exchange.status = 503;
  inbound.start(503, STATUS_CODES[503]!, [
    "Content-Type",
    "text/html; charset=utf-8",
    "Content-Length",
    String(body.length),
    "Retry-After",
    String(seconds),
    "Cache-Control",
    "no-store",
    "Content-Security-Policy",
    pagePolicy,
    "X-Content-Type-Options",
    "nosniff",
    "X-Robots-Tag",
    "noindex",
  ]);
  inbound.write(body);
  inbound.end([]);
};
