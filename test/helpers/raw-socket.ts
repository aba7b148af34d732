import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { until } from "./until.ts";

/** One HTTP/1.1 message as it was on the wire. */
export interface RawMessage {
  /** `GET / HTTP/1.1` or `HTTP/1.1 200 OK`. */
  readonly first: string;
  /** Names and values in turn, as written. */
  readonly fields: string[];
  readonly body: Buffer;
  readonly trailers: string[];
}

/** A TCP connection byte for byte, with just enough HTTP to tell where a message ends. Reads only when asked to. */
export class RawSocket {
  readonly socket: Socket;
  /** What has come and was not taken; put together only when somebody looks, since bodies can be large. */
  #pieces: Buffer[] = [];
  #size = 0;
  /** Bytes that have come so far. */
  received = 0;
  ended = false;
  closed = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.length;
      this.#pieces.push(chunk);
      this.#size += chunk.length;
    });
    socket.on("end", () => (this.ended = true));
    socket.on("close", () => (this.closed = true));
    socket.on("error", () => {});
  }

  static async connect(port: number, host = "127.0.0.1"): Promise<RawSocket> {
    const socket = connect({ port, host, allowHalfOpen: true, noDelay: true });
    const raw = new RawSocket(socket);
    await once(socket, "connect");
    return raw;
  }

  /** What has come and was not taken. */
  get text(): string {
    return this.#whole().toString("latin1");
  }

  #whole(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0]!;
  }

  send(data: string | Uint8Array): boolean {
    return this.socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data);
  }

  end(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Waits until this text has come. */
  async see(text: string): Promise<void> {
    await until(() => {
      if (this.closed && !this.text.includes(text)) throw new Error(`closed before "${text}": ${this.text}`);
      return this.text.includes(text);
    }, `"${text}"`);
  }

  async seeClosed(): Promise<void> {
    await until(() => this.ended || this.closed, "the connection's end");
  }

  /** Takes the next `length` bytes. */
  async take(length: number): Promise<Buffer> {
    await until(() => {
      if (this.#size < length && (this.ended || this.closed)) throw new Error(`ended: ${this.text}`);
      return this.#size >= length;
    }, `${length} bytes`);
    const whole = this.#whole();
    this.#pieces = [whole.subarray(length)];
    this.#size -= length;
    return whole.subarray(0, length);
  }

  /** Takes everything up to and including `mark`; what is before it. */
  async takeUntil(mark: string): Promise<string> {
    await this.see(mark);
    const at = this.text.indexOf(mark);
    const taken = await this.take(at + mark.length);
    return taken.toString("latin1").slice(0, -mark.length);
  }

  /** Takes a head; the body stays. */
  async head(): Promise<{ first: string; fields: string[] }> {
    const [first = "", ...lines] = (await this.takeUntil("\r\n\r\n")).split("\r\n");
    return { first, fields: lines.flatMap(split) };
  }

  /** Takes the next whole message. `bodiless` is for answers to HEAD. */
  async message(options: { readonly bodiless?: boolean } = {}): Promise<RawMessage> {
    const { first, fields } = await this.head();
    const none = options.bodiless === true || /^HTTP\/1\.1 (1\d\d|204|304)/.test(first);
    if (none) return { first, fields, body: Buffer.alloc(0), trailers: [] };
    if (valueOf(fields, "transfer-encoding") === "chunked")
      return { first, fields, ...(await this.#chunked()) };
    const length = valueOf(fields, "content-length");
    if (length !== undefined) return { first, fields, body: await this.take(Number(length)), trailers: [] };
    if (!first.startsWith("HTTP/")) return { first, fields, body: Buffer.alloc(0), trailers: [] };
    await this.seeClosed();
    return { first, fields, body: await this.take(this.#size), trailers: [] };
  }

  async #chunked(): Promise<{ body: Buffer; trailers: string[] }> {
    const parts: Buffer[] = [];
    for (;;) {
      const size = Number.parseInt(await this.takeUntil("\r\n"), 16);
      if (size === 0) break;
      parts.push(await this.take(size));
      await this.take(2);
    }
    const trailers: string[] = [];
    for (let line = await this.takeUntil("\r\n"); line !== ""; line = await this.takeUntil("\r\n")) {
      trailers.push(...split(line));
    }
    return { body: Buffer.concat(parts), trailers };
  }
}

const split = (line: string): [string, string] => {
  const at = line.indexOf(":");
  return [line.slice(0, at), line.slice(at + 1).trim()];
};

/** All values of a field, in order. */
export const valuesOf = (fields: readonly string[], name: string): string[] =>
  fields.filter((_, i) => i % 2 === 1 && fields[i - 1]!.toLowerCase() === name.toLowerCase());

/** The first value of a field. */
export const valueOf = (fields: readonly string[], name: string): string | undefined =>
  valuesOf(fields, name)[0];

/** The status of an answer. */
export const statusOf = (message: { readonly first: string }): number => Number(message.first.split(" ")[1]);
