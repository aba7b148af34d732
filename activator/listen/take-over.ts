import type { IncomingMessage, ServerResponse } from "node:http";
import { ServerResponse as Response } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Fields } from "../inbound.ts";

/**
 * What node leaves to us when a client asks for an upgrade: it has let go of the socket, and knows no answer for it.
 * Until the pod agrees the connection may still get an ordinary answer, its last one.
 */
export const answerOnSocket = (request: IncomingMessage, socket: Socket, head: Buffer): ServerResponse => {
  const response = new Response(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on("finish", () => {
    response.detachSocket(socket);
    socket.destroySoon();
  });
  socket.on("drain", () => {
    if (!response.writableEnded) response.emit("drain");
  });
  if (head.length > 0) socket.unshift(head);
  watch(socket);
  return response;
};

/** Reads so that the client's going is noticed; what it sends ahead stays in the socket's buffer (64 KiB at most). */
const watch = (socket: Socket): void => {
  socket.on("readable", peek);
  socket.on("end", leave);
};

function peek(this: Socket): void {
  if (this.readableLength === 0) this.read();
}

function leave(this: Socket): void {
  this.destroy();
}

/** Sends the 101 and gives the connection away, with all that has been read ahead. */
export const takeOver = (response: ServerResponse, reason: string, fields: Fields): Duplex => {
  const socket = response.socket!;
  response.detachSocket(socket);
  socket.off("readable", peek);
  socket.off("end", leave);
  let head = `HTTP/1.1 101 ${reason === "" ? "Switching Protocols" : reason}\r\n`;
  for (let i = 0; i < fields.length; i += 2) head += `${fields[i]}: ${fields[i + 1]}\r\n`;
  socket.write(`${head}\r\n`, "latin1");
  return socket;
};
