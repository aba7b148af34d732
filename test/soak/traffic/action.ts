import type http from "node:http";
import type { Outcome } from "../outcome.ts";
import type { Random } from "../random.ts";

/** Who visits a Service: one after another it does what its Service's list has. */
export interface Visitor {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  readonly random: Random;
  /** Connections that outlive one exchange. */
  readonly agent: http.Agent;
}

/** One kind of exchange. */
export interface Action {
  readonly name: string;
  /** It may be run twice without anybody noticing: the loss of a pod is then no excuse for a failure. */
  readonly repeatable?: boolean;
  readonly run: (visitor: Visitor) => Promise<Outcome>;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
