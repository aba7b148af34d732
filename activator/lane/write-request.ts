import { addedFields, requestFields } from "../forward/request-fields.ts";
import { linesOf } from "./field-scan.ts";
import type { LaneInbound } from "./lane-inbound.ts";

/** Methods of which a pod is told that they have no body (RFC 9110, 8.6). */
const expectsBody = new Set(["POST", "PUT", "PATCH"]);

/** The end of every head: the connection is kept, and a missing body is declared where one is expected. */
const ending = (inbound: LaneInbound): string =>
  inbound.body === undefined && expectsBody.has(inbound.method)
    ? "Content-Length: 0\r\nConnection: keep-alive\r\n\r\n"
    : "Connection: keep-alive\r\n\r\n";

/**
 * A request's head as the pod gets it: what `requestFields` gives, as text. Of a usual head what is passed on is
 * copied as it stands, in runs between the fields that end here.
 */
export const requestText = (inbound: LaneInbound): string => {
  const { method, target, head } = inbound;
  if (!head.usual || !head.scan.plain) {
    const fields = requestFields(inbound);
    return `${method} ${target} HTTP/1.1\r\n${linesOf(fields)}${ending(inbound)}`;
  }
  return `${copied(inbound)}${added(inbound)}${ending(inbound)}`;
};

/** The same for all requests of a connection that have the same Host. */
const added = (inbound: LaneInbound): string => {
  const { client, host } = inbound;
  if (client.added?.host !== host) client.added = { host, lines: linesOf(addedFields(inbound)) };
  return client.added.lines;
};

/** The request line and the fields that a pod gets. */
const copied = ({ head }: LaneInbound): string => {
  const { text, size, scan } = head;
  let out = "";
  let from = 0;
  for (let span = scan.first; span !== undefined; span = span.next) {
    if (!span.dropped) continue;
    out += text.slice(from, span.start);
    from = span.end + 2;
  }
  return out + text.slice(from, size - 2);
};
