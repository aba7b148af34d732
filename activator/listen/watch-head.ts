import type { Socket } from "node:net";
import type { UnfinishedHead } from "./unfinished-heads.ts";

/** Where node's parser looks for whom to tell that a message begins; its own server does not use it. */
const onMessageBegin = 0;

interface Parser {
  [onMessageBegin]: (() => void) | null;
}

export interface HeadWatch {
  /** The head that was being read is at its end. */
  readonly headRead: () => void;
  readonly stop: () => void;
}

/**
 * Counts what comes on a connection of `node:http` while it reads a head: only its parser knows where one message ends
 * and the next one begins. `onFull` is told once when there is no room for more.
 */
export const watchHead = (
  socket: Socket & { parser?: unknown },
  head: UnfinishedHead,
  onFull: () => void,
): HeadWatch => {
  // All that a parser that is used again may keep of this connection.
  const state = { reading: false };
  (socket.parser as Parser)[onMessageBegin] = () => void (state.reading = true);
  // Behind node's own listener: the parser has had the bytes.
  const onData = (chunk: Buffer): void => {
    if (!state.reading) return head.done();
    if (head.grow(chunk.length)) return;
    stop();
    onFull();
  };
  const stop = (): void => {
    socket.off("data", onData).off("close", stop);
    head.done();
  };
  socket.on("data", onData).on("close", stop);
  return { headRead: () => void (state.reading = false), stop };
};
