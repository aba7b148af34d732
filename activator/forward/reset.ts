import type { Socket } from "node:net";

/**
 * Ends a connection by a reset, so that the other side cannot take it for a good end. While the end of our side is on
 * its way there can be none: node would then neither reset nor close it, and never say so. All that was written is
 * with the kernel by then, so that the end has been said in a moment.
 */
export const reset = (socket: Socket): void => {
  const ending = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (!ending) socket.resetAndDestroy();
  else socket.once("finish", () => socket.resetAndDestroy());
};
