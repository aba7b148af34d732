import type { Socket } from "node:net";
import type { RequestError } from "#core/errors.ts";
import type { Entrance } from "./connection.ts";

/** A client's connection as the listener sees it, whatever is spoken on it. */
export interface ClientConnection {
  readonly socket: Socket;
  readonly entrance: Entrance;
  /** Ends the connection once nothing is unanswered. */
  closeIfIdle(): void;
  /** Ends everything that is unanswered. */
  cancel(error: RequestError): void;
}

/** Speaks one protocol on sockets that others have accepted. */
export interface ProtocolServer {
  readonly connections: ReadonlySet<ClientConnection>;
  /** Requests whose handling has not ended, also of connections that are gone. */
  readonly open: number;
  accept(socket: Socket, entrance: Entrance): void;
  close(): void;
}
