import { CR, LF, SEMICOLON, valueByte, textOf } from "./bytes.ts";
import { FieldScan, fieldsIn, malformed, more } from "./field-scan.ts";

/** Bytes of one chunk's extensions, and of all trailers. */
const maxExtension = 4096;
const maxTrailers = 16_384;

/** `name`, `name=token` or `name="text"`, any number of them (RFC 9112, 7.1.1). */
const extensionForm = (() => {
  const token = "[\\w!#$%&'*+.^`|~-]";
  const one = `${token}+(?:=(?:${token}*|"(?:[^"\\\\]|\\\\.)*"))?`;
  return new RegExp(`^${one}(?:;${one})*$`);
})();

/** What a chunked body is made of, as it is read. */
type Place = "size" | "extension" | "line-end" | "data" | "data-cr" | "data-lf" | "trailers" | "done";

/** Reads a chunked body as it comes, in any pieces (RFC 9112, 7.1), strictly: a line ends with CR LF and nothing else. */
export class ChunkReader {
  /** Fields behind the last chunk; there when `done`. */
  trailers: readonly string[] = [];
  #place: Place = "size";
  #size = 0;
  #digits = 0;
  #extension = "";
  #tail: Buffer = Buffer.alloc(0);

  get done(): boolean {
    return this.#place === "done";
  }

  /** Gives data to `sink`; how many bytes belong to the body, all unless it ends before them, or `malformed`. */
  read(bytes: Buffer, sink: (data: Buffer) => void): number {
    let at = 0;
    while (at < bytes.length && this.#place !== "done") {
      if (this.#place === "data") at += this.#data(bytes, at, sink);
      else if (this.#place === "trailers") return this.#trailers(bytes, at);
      else if (this.#step(bytes[at]!)) at++;
      else return malformed;
    }
    return at;
  }

  #data(bytes: Buffer, at: number, sink: (data: Buffer) => void): number {
    const data = bytes.subarray(at, at + this.#size);
    this.#size -= data.length;
    if (this.#size === 0) this.#place = "data-cr";
    sink(data);
    return data.length;
  }

  /** One byte of what is between data; false when it must not stand there. */
  #step(byte: number): boolean {
    switch (this.#place) {
      case "size":
        return this.#sizeByte(byte);
      case "extension":
        if (byte === CR) return extensionForm.test(this.#extension) && this.#to("line-end");
        this.#extension += String.fromCharCode(byte);
        return valueByte[byte] === 1 && this.#extension.length <= maxExtension;
      case "line-end":
        this.#digits = 0;
        this.#extension = "";
        return byte === LF && this.#to(this.#size === 0 ? "trailers" : "data");
      case "data-cr":
        return byte === CR && this.#to("data-lf");
      case "data-lf":
        return byte === LF && this.#to("size");
      default:
        return false;
    }
  }

  #to(place: Place): true {
    this.#place = place;
    return true;
  }

  #sizeByte(byte: number): boolean {
    const digit = hexValue(byte);
    if (digit >= 0) {
      this.#size = this.#size * 16 + digit;
      // 12 digits are 256 TiB, and exact.
      return ++this.#digits <= 12;
    }
    if (this.#digits === 0) return false;
    if (byte === SEMICOLON) return this.#to("extension");
    return byte === CR && this.#to("line-end");
  }

  #trailers(bytes: Buffer, at: number): number {
    const before = this.#tail.length;
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(at)]);
    const scan = new FieldScan();
    const end = scan.scan(this.#tail, 0);
    if (end === more) return this.#tail.length > maxTrailers ? malformed : bytes.length;
    if (end === malformed) return malformed;
    this.trailers = fieldsIn(textOf(this.#tail, 0, end), scan);
    this.#place = "done";
    return at + end - before;
  }
}

const hexValue = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
};
