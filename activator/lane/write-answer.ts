import { answerFields } from "../forward/answer-fields.ts";
import type { AnswerHead } from "./answer-head.ts";
import { fieldsIn } from "./field-scan.ts";
import type { LaneInbound } from "./lane-inbound.ts";

/**
 * Begins the client's answer with the head of the pod's: what `answerFields` gives. Of a usual head what is passed
 * on is copied as it stands, in runs between the fields that end here.
 */
export const startAnswer = (
  inbound: LaneInbound,
  head: AnswerHead,
  serverTiming: string | undefined,
): void => {
  const { status, reason, text, scan } = head;
  if (head.usual && scan.plain) {
    const timing = serverTiming === undefined ? "" : `Server-Timing: ${serverTiming}\r\n`;
    inbound.startWith(head, copied(head) + timing, head.length !== undefined);
  } else inbound.start(status, reason, answerFields(fieldsIn(text, scan), serverTiming));
};

const copied = ({ text, scan, fieldsAt, size }: AnswerHead): string => {
  let out = "";
  let from = fieldsAt;
  for (let span = scan.first; span !== undefined; span = span.next) {
    if (span.kind !== "hop" && span.kind !== "te") continue;
    out += text.slice(from, span.start);
    from = span.end + 2;
  }
  return out + text.slice(from, size - 2);
};
