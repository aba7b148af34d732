/** One client's bytes against the activator, and all that may come of them. */
export interface RequestCase {
  readonly what: string;
  /** Sent piece by piece, each with a moment before the next. */
  readonly send: readonly string[];
  /** Statuses of the answers in their order; none when the connection is just closed. */
  readonly gets: readonly number[];
  /**
   * Every request that the pod may see, complete and in order: request line, fields that are no part of framing,
   * connection or forwarding, an empty line and the body. "part" = no complete one.
   */
  readonly sees: readonly string[] | "part";
  /** Whether the connection takes a further request. */
  readonly after: "open" | "closed";
}

export const H = "Host: hello.default\r\n";
/** What an attacker wants the pod to take for a request of its own. */
export const smuggled = `GET /smuggled HTTP/1.1\r\n${H}\r\n`;

export const get = (fields: string): string => `GET / HTTP/1.1\r\n${H}${fields}\r\n\r\n`;
export const post = (fields: string, body = ""): string => `POST / HTTP/1.1\r\n${H}${fields}\r\n\r\n${body}`;
export const chunked = (body: string): string => post("Transfer-Encoding: chunked", body);

/** Refused before any pod sees a byte of it, with everything that follows on the connection. */
export const refused = (what: string, request: string, status = 400): RequestCase => ({
  what,
  send: [request + smuggled],
  gets: [status],
  sees: [],
  after: "closed",
});

/** Its head is good, what follows is not: the pod may see a part, and its connection dies with the client's. */
export const broken = (what: string, request: string, status = 400): RequestCase => ({
  what,
  send: [request + smuggled],
  gets: [status],
  sees: "part",
  after: "closed",
});

/** Read by the pod as one request, exactly so. */
export const passed = (what: string, request: string, sees: string): RequestCase => ({
  what,
  send: [request],
  gets: [200],
  sees: [sees],
  after: "open",
});
