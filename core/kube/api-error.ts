/** What the API server answered instead of what was asked for, or that it did not answer (`status` 0). */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Kubernetes's word: `NotFound`, `Conflict`, `Forbidden`, `Expired`; `Unreachable` when no answer came. */
  readonly reason: string;
  /** Seconds the server asked us to wait. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    facts: {
      readonly status: number;
      readonly reason: string;
      readonly retryAfter?: number;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: facts.cause });
    this.status = facts.status;
    this.reason = facts.reason;
    this.retryAfter = facts.retryAfter;
  }
}

interface Status {
  readonly message?: string;
  readonly reason?: string;
  readonly code?: number;
  readonly details?: { readonly retryAfterSeconds?: number };
}

/** An error from a `Status` object (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/). */
export const errorOfStatus = (body: unknown, httpStatus: number): ApiError => {
  const status = (typeof body === "object" && body !== null ? body : {}) as Status;
  const code = status.code ?? httpStatus;
  const retryAfter = status.details?.retryAfterSeconds;
  return new ApiError(status.message ?? `the API server answered ${code}`, {
    status: code,
    reason: status.reason ?? (code === 410 ? "Expired" : `HTTP ${code}`),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
};

export const unreachable = (cause: unknown): ApiError =>
  new ApiError(`the API server cannot be reached: ${(cause as Error).message}`, {
    status: 0,
    reason: "Unreachable",
    cause,
  });

const hasStatus = (error: unknown, status: number): boolean =>
  error instanceof ApiError && error.status === status;

export const isNotFound = (error: unknown): boolean => hasStatus(error, 404);
/** Somebody else wrote in between, or the name is taken: read again. */
export const isConflict = (error: unknown): boolean => hasStatus(error, 409);
/** The resource version is too old to go on from: list again. */
export const isExpired = (error: unknown): boolean => hasStatus(error, 410);
