import type { FieldProblem } from "#core/manifest/problem.ts";
import { fieldText } from "#core/manifest/problem.ts";

/** Why a Service is not scaled and routed, for an Event on it. */
export interface Refusal {
  /** One word in Kubernetes's way: `NoWorkload`. */
  readonly reason: string;
  readonly message: string;
  readonly remedy: string;
  /**
   * Whether the Service must not be routed by us. If not, one that is routed already stays so: a workload that
   * is being replaced, or a typing error in an annotation, is no reason to take the activators out of the path.
   */
  readonly final: boolean;
}

/** A refusal that no waiting mends. */
export const final = (reason: string, message: string, remedy: string): Refusal => ({
  reason,
  message,
  remedy,
  final: true,
});

export const passing = (reason: string, message: string, remedy: string): Refusal => ({
  reason,
  message,
  remedy,
  final: false,
});

/** All problems of a Service's own fields as one refusal. */
export const refusalOfProblems = (problems: readonly FieldProblem[]): Refusal => {
  const shape = problems.filter(({ path }) => path[0] === "spec" && path.length === 2);
  const told = shape.length > 0 ? shape : problems;
  const message = told.map(({ path, message }) => `${fieldText(path)}: ${message}`).join("; ");
  const remedy = [...new Set(told.map(({ remedy }) => remedy))].join("; ");
  return shape.length > 0 ? final("CannotRoute", message, remedy) : passing("BadSettings", message, remedy);
};
