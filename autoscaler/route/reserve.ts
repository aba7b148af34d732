import { createHash } from "node:crypto";

/** Activator ports that can be a revision's: below the ephemeral range, above what else an activator listens on. */
export const FIRST_PORT = 10_000;
export const LAST_PORT = 31_999;
const PORTS = LAST_PORT - FIRST_PORT + 1;

/**
 * A free activator port for one port of a Service. It starts looking at a place that follows from the name, so
 * that a Service that comes back mostly gets its old port and a new one does not get the port of one just gone.
 * `taken` says what is reserved; throws when everything is.
 */
export const reservePort = (name: string, taken: (port: number) => boolean): number => {
  const start = createHash("sha256").update(name).digest().readUInt32BE(0) % PORTS;
  for (let i = 0; i < PORTS; i++) {
    const port = FIRST_PORT + ((start + i) % PORTS);
    if (!taken(port)) return port;
  }
  throw new Error("every activator port is reserved");
};
