/** How one exchange with a Service ended, as its client saw it. */
export type Outcome =
  /** As it should: the right answer, or the refusal that was asked for. */
  | { readonly kind: "right"; readonly note?: string }
  /** The client went away by itself; what it got until then was right. */
  | { readonly kind: "left" }
  /** Something else. `code` is the error's name, `begun` whether an answer had begun to come. */
  | { readonly kind: "failed"; readonly code: string; readonly begun: boolean; readonly detail: string };

/** One exchange. */
export interface Record {
  readonly service: string;
  readonly action: string;
  /** It may be run twice, so that the loss of a pod is no excuse while no answer has begun. */
  readonly repeatable: boolean;
  readonly from: number;
  readonly to: number;
  readonly outcome: Outcome;
}

export const right = (note?: string): Outcome =>
  note === undefined ? { kind: "right" } : { kind: "right", note };

export const failed = (code: string, detail = "", begun = false): Outcome => ({
  kind: "failed",
  code,
  begun,
  detail: detail.slice(0, 400),
});

/** `right` if it is so, else what is wrong with it. */
export const judged = (good: boolean, seen: string, begun = true): Outcome =>
  good ? right() : failed("wrong answer", seen, begun);

/** The name of an error answer of ours: `502 pod_reset`. */
export const codeOf = (status: number, body: string): string => {
  const code = /"code":"(\w+)"/.exec(body)?.[1] ?? /^\d+ (\w+):/.exec(body)?.[1];
  return code === undefined ? String(status) : `${status} ${code}`;
};
