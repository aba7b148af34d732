import type { Dest } from "#core/ports.ts";

/** The URL's part that names a pod's port. */
export const originOf = ({ host, ports }: Dest, portIndex: number): string =>
  `http://${host.includes(":") ? `[${host}]` : host}:${ports[portIndex]}`;
