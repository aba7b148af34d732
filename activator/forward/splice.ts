import type { Http2Stream } from "node:http2";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { reset } from "./reset.ts";

const CANCEL = 8;

/**
 * Joins two connections byte for byte until both are closed, neither read faster than the other one takes. The end
 * of one direction is passed on and leaves the other direction open; a side that breaks takes the other one with it.
 */
export const splice = (client: Duplex, pod: Duplex, onBytes: () => void): Promise<void> =>
  new Promise((resolve) => {
    let open = 2;
    const join = (from: Duplex, to: Duplex) => {
      from.on("data", onBytes);
      from.on("error", () => cut(to));
      from.on("close", () => {
        if (!from.readableEnded || !from.writableFinished) cut(to);
        if (--open === 0) resolve();
      });
      from.pipe(to);
    };
    join(client, pod);
    join(pod, client);
  });

/** Ends a connection so that the other end cannot take it for a good end. */
export const cut = (side: Duplex): void => {
  if (side instanceof Socket) reset(side);
  else if ("rstCode" in side) (side as Http2Stream).close(CANCEL);
  else side.destroy();
};
