/**
 * The closed catalogue of what can go wrong with a request. `docs/reference.md` is generated from it.
 * `grpc` is the status code for gRPC clients (https://grpc.io/docs/guides/status-codes/).
 */

interface ErrorKind {
  readonly status: number;
  readonly grpc: number;
  readonly message: string;
  /** Who ended the request. */
  readonly by: "client" | "pilotlight" | "pod" | "cluster";
  readonly remedy: string;
}

export const errorCatalogue = {
  bad_request: {
    status: 400,
    grpc: 13,
    by: "client",
    message: "the request is not valid HTTP",
    remedy: "The detail names the rule that was broken; correct the client.",
  },
  bad_probe: {
    status: 400,
    grpc: 13,
    by: "client",
    message: "the probe header is not one that the activator answers",
    remedy: "K-Network-Probe is reserved; do not send it.",
  },
  no_such_service: {
    status: 404,
    grpc: 12,
    by: "pilotlight",
    message: "no Service is known by that name",
    remedy: "Check the name and that the Service carries an autoscaling.knative.dev annotation.",
  },
  head_timeout: {
    status: 408,
    grpc: 4,
    by: "client",
    message: "the request's head did not arrive in time",
    remedy: "Send the whole head at once; a minute is allowed unless the activator is set otherwise.",
  },
  headers_too_large: {
    status: 431,
    grpc: 8,
    by: "client",
    message: "the request's head is too large",
    remedy: "Send fewer or shorter header fields (64 KiB in all).",
  },
  overloaded: {
    status: 429,
    grpc: 8,
    by: "pilotlight",
    message: "this activator holds as many requests as it may",
    remedy: "Try again; run more activators, or raise PILOTLIGHT_MAX_HELD or PILOTLIGHT_MAX_HELD_BYTES.",
  },
  client_closed: {
    status: 499,
    grpc: 1,
    by: "client",
    message: "the client went away before the answer was complete",
    remedy: "Nothing to do here; look at the client's own time limit.",
  },
  internal: {
    status: 500,
    grpc: 13,
    by: "pilotlight",
    message: "unexpected failure inside Pilotlight",
    remedy: "See the log line with the same code, and report it.",
  },
  pod_refused: {
    status: 502,
    grpc: 14,
    by: "pod",
    message: "no pod accepted the connection",
    remedy: "Look at the pod's log; it stopped listening or was killed.",
  },
  pod_reset: {
    status: 502,
    grpc: 14,
    by: "pod",
    message: "the pod closed the connection before its answer was complete",
    remedy: "Look at the pod's log; it crashed or was killed while it worked on this request.",
  },
  pod_bad_response: {
    status: 502,
    grpc: 13,
    by: "pod",
    message: "the pod's answer is not valid HTTP",
    remedy: "The detail names the rule that was broken; correct the application.",
  },
  queue_full: {
    status: 503,
    grpc: 8,
    by: "pilotlight",
    message: "too many requests are waiting for this Service",
    remedy: "Raise max-scale, the container concurrency or pilotlight.dev/queue-depth.",
  },
  held_too_long: {
    status: 503,
    grpc: 14,
    by: "pilotlight",
    message: "the request has waited longer for a pod than requests of this Service may",
    remedy: "Look at why its pods start slower than usual, or set pilotlight.dev/queue-timeout-seconds.",
  },
  start_failed: {
    status: 503,
    grpc: 14,
    by: "cluster",
    message: "no pod of this Service can start",
    remedy: "The detail is the cluster's own reason; mend the workload.",
  },
  scale_failed: {
    status: 503,
    grpc: 14,
    by: "cluster",
    message: "the workload could not be scaled up",
    remedy: "The detail is the cluster's own reason; mostly a missing workload or a missing permission.",
  },
  shutting_down: {
    status: 503,
    grpc: 14,
    by: "pilotlight",
    message: "this activator is shutting down",
    remedy: "Try again; another one answers.",
  },
  never_ready: {
    status: 504,
    grpc: 14,
    by: "pod",
    message: "no pod became ready within the Service's time limit",
    remedy: "Look at the pod's log and its readinessProbe, or raise pilotlight.dev/timeout-seconds.",
  },
  queue_timeout: {
    status: 504,
    grpc: 4,
    by: "pilotlight",
    message: "no pod had room within the Service's time limit",
    remedy: "Raise max-scale or the container concurrency.",
  },
  response_start_timeout: {
    status: 504,
    grpc: 4,
    by: "pilotlight",
    message: "the pod did not begin its answer within the response start time limit",
    remedy: "Raise pilotlight.dev/response-start-timeout-seconds, or make the application answer sooner.",
  },
  request_timeout: {
    status: 504,
    grpc: 4,
    by: "pilotlight",
    message: "the request took longer than the Service's time limit",
    remedy: "Raise pilotlight.dev/timeout-seconds.",
  },
  idle_timeout: {
    status: 504,
    grpc: 4,
    by: "pilotlight",
    message: "no byte came from the pod within the idle time limit",
    remedy: "Raise pilotlight.dev/idle-timeout-seconds, or let the application send something now and then.",
  },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorCatalogue;

export interface RequestErrorOptions {
  /** What exactly happened this time: a pod's name, a count, the cluster's own words. */
  readonly detail?: string;
  /** Seconds for `Retry-After`. */
  readonly retryAfter?: number;
  readonly cause?: unknown;
}

/** A failure of one request, by its entry in the catalogue. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, options: RequestErrorOptions = {}) {
    super(errorCatalogue[code].message, { cause: options.cause });
    this.code = code;
    this.detail = options.detail;
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }
}
