import type { Socket } from "node:net";

/** The address of a client; an IPv4 address on an IPv6 socket is written as IPv4. */
export const peerAddress = ({ remoteAddress = "" }: Pick<Socket, "remoteAddress">): string =>
  remoteAddress.startsWith("::ffff:") ? remoteAddress.slice(7) : remoteAddress;
