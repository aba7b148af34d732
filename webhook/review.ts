/** Reads and writes AdmissionReviews. */
import * as z from "zod/mini";
import "#core/english.ts";
import type { Operation as PatchOperation } from "./admit/patch.ts";

/**
 * AdmissionReview `admission.k8s.io/v1` on the wire against the small types that the rest of the webhook
 * works with. Reading is lenient about fields it does not know (the API server adds some with every
 * release) and strict about the type of those it uses.
 */

export interface ObjectName {
  readonly namespace: string;
  readonly name: string;
}

const text = z.nullish(z.record(z.string(), z.string()));

/** The parts of an object that are looked at; `rest` keeps everything else as it came. */
const objectSchema = z.looseObject({
  metadata: z.nullish(
    z.looseObject({
      name: z.nullish(z.string()),
      generateName: z.nullish(z.string()),
      annotations: text,
      labels: text,
      deletionTimestamp: z.nullish(z.string()),
    }),
  ),
});

export type KubeObject = z.output<typeof objectSchema>;

const requestSchema = z.looseObject({
  uid: z.string().check(z.minLength(1)),
  operation: z.enum(["CREATE", "UPDATE", "DELETE", "CONNECT"]),
  kind: z.looseObject({ group: z.nullish(z.string()), version: z.string(), kind: z.string() }),
  name: z.nullish(z.string()),
  namespace: z.nullish(z.string()),
  userInfo: z.nullish(z.looseObject({ username: z.nullish(z.string()) })),
  options: z.nullish(z.looseObject({ fieldManager: z.nullish(z.string()) })),
  object: z.optional(z.unknown()),
  oldObject: z.optional(z.unknown()),
});

const reviewSchema = z.looseObject({
  apiVersion: z.literal("admission.k8s.io/v1", { error: "want admission.k8s.io/v1" }),
  kind: z.literal("AdmissionReview", { error: "want AdmissionReview" }),
  request: requestSchema,
});

/** One question of the API server. */
export interface ReviewRequest extends ObjectName {
  readonly uid: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  /** `Service`, `ConfigMap`, … */
  readonly kind: string;
  /** Who writes, as the API server knows them; empty when it did not say. */
  readonly username: string;
  /** What writes, as the client calls itself (`kubectl`, `helm`, …); empty when it did not say. */
  readonly fieldManager: string;
  /** The object as it would be stored; undefined on DELETE. */
  readonly object: KubeObject | undefined;
  /** The object as it is stored; undefined on CREATE. */
  readonly oldObject: KubeObject | undefined;
}

/** What the webhook says to it. */
export interface Verdict {
  readonly allowed: boolean;
  /** Why not; undefined when allowed. */
  readonly message?: string;
  /** Shown by kubectl, one per line; they stop nothing. */
  readonly warnings: readonly string[];
  readonly patch: readonly PatchOperation[];
}

export const allowed = (warnings: readonly string[] = []): Verdict => ({
  allowed: true,
  warnings,
  patch: [],
});

export const patched = (patch: readonly PatchOperation[], warnings: readonly string[] = []): Verdict => ({
  allowed: true,
  warnings,
  patch,
});

export const denied = (message: string, warnings: readonly string[] = []): Verdict => ({
  allowed: false,
  message,
  warnings,
  patch: [],
});

/**
 * The webhook cannot say yes or no: what came is no review, or it failed itself. Answered with this HTTP
 * status and not with `allowed: false`, because only then the API server applies the `failurePolicy`: a
 * denial would stop a Service that nobody has found fault with.
 */
export class ReviewError extends Error {
  override readonly name = "ReviewError";
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** Reads the body of one POST. Throws a `ReviewError` with status 400, and nothing else. */
export const decodeReview = (body: string): ReviewRequest => {
  const review = reviewSchema.safeParse(parseJson(body));
  if (!review.success) throw new ReviewError(400, `could not decode body: ${problemsOf(review.error)}`);
  const raw = review.data.request;
  const object = decodeObject(objectSchema, raw.object, "new object");
  return {
    uid: raw.uid,
    operation: raw.operation,
    kind: raw.kind.kind,
    namespace: raw.namespace ?? "",
    name: raw.name ?? object?.metadata?.name ?? object?.metadata?.generateName ?? "",
    username: raw.userInfo?.username ?? "",
    fieldManager: raw.options?.fieldManager ?? "",
    object,
    oldObject: decodeObject(objectSchema, raw.oldObject, "old object"),
  };
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new ReviewError(400, `could not decode body: ${(error as Error).message}`, { cause: error });
  }
};

/** An object of the review as `schema` wants it; undefined when there is none. Throws as `decodeReview`. */
export const decodeObject = <T extends z.ZodMiniType>(
  schema: T,
  raw: unknown,
  which: "new object" | "old object",
): z.output<T> | undefined => {
  if (raw === null || raw === undefined) return undefined;
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const problem = `cannot decode incoming ${which}: ${problemsOf(parsed.error)}`;
  throw new ReviewError(400, `decoding request failed: ${problem}`);
};

const MAX_PROBLEMS = 5;

const problemsOf = (error: z.core.$ZodError): string =>
  error.issues
    .slice(0, MAX_PROBLEMS)
    .map((issue) => `${issue.path.join(".") || "body"}: ${issue.message}`)
    .join("; ");

/** The AdmissionReview that answers the request `uid`. */
export const encodeReview = (uid: string, verdict: Verdict): unknown => ({
  apiVersion: "admission.k8s.io/v1",
  kind: "AdmissionReview",
  response: {
    uid,
    allowed: verdict.allowed,
    ...(verdict.warnings.length > 0 && { warnings: verdict.warnings }),
    ...(verdict.patch.length > 0 && {
      patchType: "JSONPatch",
      patch: Buffer.from(JSON.stringify(verdict.patch)).toString("base64"),
    }),
    ...(!verdict.allowed && {
      status: { status: "Failure", reason: "BadRequest", code: 400, message: verdict.message },
    }),
  },
});
