import { copyOf } from "./shared-memory.ts";

/** Counts bytes that wait on one connection. */
export interface Room {
  /** False = there is none for so many more. */
  readonly grow: (bytes: number) => boolean;
  readonly done: () => void;
}

/** Bytes that a client may send ahead of its answers before it is no longer read. */
const most = 65_536;

/** What a client has sent behind the request that is being answered. */
export class Ahead {
  readonly #room: Room;
  #bytes: Buffer | undefined;
  #lost = false;

  constructor(room: Room) {
    this.#room = room;
  }

  /** No more should be read for now. */
  get full(): boolean {
    return this.#bytes !== undefined && this.#bytes.length >= most;
  }

  /** False when there was no room, for these bytes or for some before them: what follows must not be looked at. */
  keep(bytes: Buffer): boolean {
    this.#lost ||= !this.#room.grow(bytes.length);
    if (this.#lost) return false;
    this.#bytes = this.#bytes === undefined ? copyOf(bytes) : Buffer.concat([this.#bytes, bytes]);
    return true;
  }

  take(): Buffer | undefined {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    this.#room.done();
    return bytes;
  }
}
