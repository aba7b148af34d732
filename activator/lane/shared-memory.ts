/** The memory that all connections of the lane read into, and how an accepted socket comes to use it. */

import { Socket, type SocketConstructorOpts } from "node:net";

/**
 * The lane's connections, on both sides, all read into the same memory: whoever is given bytes has done with them when
 * he returns, or has copied them. By itself Node makes 64 KiB for each read and gives most of it back at once.
 */
export const readMemory = Buffer.allocUnsafeSlow(65_536);

type OnBytes = (bytes: Buffer) => void;

/** What Node's sockets have and its types do not say. */
interface Inner {
  _handle: { readonly useUserBuffer?: unknown } | null | undefined;
  _server: unknown;
}

const readers = new WeakMap<Socket, { onBytes: OnBytes | undefined }>();

/**
 * The same connection as a socket that reads into shared memory, for which Node has an option (`onread`) where one
 * connects, but none where one accepts. To be called before anything is done with it. Gives it back as it is where
 * Node's sockets have come to look otherwise.
 */
export const shareMemory = (accepted: Socket): Socket => {
  const inner = accepted as unknown as Inner;
  const handle = inner._handle;
  if (typeof handle?.useUserBuffer !== "function") return accepted;
  const reader: { onBytes: OnBytes | undefined } = { onBytes: undefined };
  const callback = (count: number): boolean => {
    const bytes = readMemory.subarray(0, count);
    if (reader.onBytes === undefined) return socket.push(copyOf(bytes));
    reader.onBytes(bytes);
    return true;
  };
  inner._handle = null;
  const options = { handle, allowHalfOpen: true, noDelay: true, keepAlive: true };
  const socket: Socket = new Socket({
    ...options,
    onread: { buffer: readMemory, callback },
  } as unknown as SocketConstructorOpts);
  (socket as unknown as Inner)._server = inner._server;
  readers.set(socket, reader);
  return socket;
};

/** Gives a socket's bytes to `onBytes` as they come; with undefined they go the usual way of a stream from then on. */
export const readWith = (socket: Socket, onBytes: OnBytes | undefined): void => {
  const reader = readers.get(socket);
  if (reader !== undefined) reader.onBytes = onBytes;
  else if (onBytes !== undefined) socket.on("data", onBytes);
  else socket.removeAllListeners("data");
};

/** For whoever needs bytes longer. */
export const copyOf = (bytes: Buffer): Buffer => {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
};
