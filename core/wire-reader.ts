import { BinaryReader } from "@bufbuild/protobuf/wire";

/**
 * Bytes that are not the message they should be. Only thrown and caught inside the codec, and made once each:
 * a hostile sender must not make us collect stack traces.
 */
class WireError extends Error {
  override readonly name = "WireError";
}

const unexpectedEnd = new WireError("unexpected end");
const overflow = new WireError("integer overflow");
const strayEnd = new WireError("end of a group that was not begun");
const badField = new WireError("illegal field number");
const badType = new WireError("illegal wire type");
const wrongType = new WireError("wrong wire type for a known field");

/**
 * A protobuf reader that accepts and refuses what Knative's decoder (gogo/protobuf) does: tags are cut to 32
 * bits, groups of unknown fields may nest to any depth, text need not be UTF-8, and nothing is read beyond `end`.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #reader: BinaryReader;
  /** Where the message that is being read ends. */
  #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#reader = new BinaryReader(bytes);
    this.#end = bytes.byteLength;
  }

  /** Whether the present message has no more fields. */
  get done(): boolean {
    return this.#reader.pos >= this.#end;
  }

  /** The next tag: field number (≥ 1) times 8 plus wire type. */
  tag(): number {
    const tag = this.#tag();
    if (tag % 8 === 4) throw strayEnd;
    if (tag < 8) throw badField;
    return tag;
  }

  double(): number {
    this.#need(8);
    return this.#reader.double();
  }

  int64(): bigint {
    const value = this.#isShort() ? this.#bytes[this.#reader.pos++]! : this.#reader.int64();
    this.#need(0);
    return BigInt(value);
  }

  /** Length-delimited text; bytes that are not UTF-8 become U+FFFD. */
  text(): string {
    const length = this.#length();
    const start = this.#reader.pos;
    this.#reader.pos += length;
    return this.#bytes.toString("utf8", start, start + length);
  }

  /** Reads a length-delimited message with `read`, which must consume all of it. */
  message(read: () => void): void {
    const length = this.#length();
    const outer = this.#end;
    this.#end = this.#reader.pos + length;
    read();
    this.#end = outer;
  }

  /** Passes over the value of a field that is unknown; fields up to `known` are not, so their type is wrong. */
  skipUnknown(tag: number, known: number): void {
    if (Math.floor(tag / 8) <= known) throw wrongType;
    let depth = this.#skipOne(tag % 8, 0);
    while (depth > 0) depth = this.#skipOne(this.#tag() & 7, depth);
  }

  /** The depth of groups after one value. Inside a group, field numbers do not matter. */
  #skipOne(wireType: number, depth: number): number {
    switch (wireType) {
      case 0:
        this.#longVarint();
        return depth;
      case 1:
        this.#pass(8);
        return depth;
      case 2:
        this.#pass(this.#length());
        return depth;
      case 3:
        return depth + 1;
      case 4:
        return depth - 1;
      case 5:
        this.#pass(4);
        return depth;
      default:
        throw badType;
    }
  }

  /** Negative for a field number that is negative in Go, which keeps 32 bits of it. */
  #tag(): number {
    if (this.#isShort()) return this.#bytes[this.#reader.pos++]!;
    const wire = this.#longVarint();
    const field = Number(BigInt.asIntN(32, wire >> 3n));
    return field * 8 + Number(wire & 7n);
  }

  #length(): number {
    // What is rounded here is far too long anyway.
    const length = this.#isShort() ? this.#bytes[this.#reader.pos++]! : Number(this.#longVarint());
    this.#need(length);
    return length;
  }

  #isShort(): boolean {
    const { pos } = this.#reader;
    return pos < this.#end && this.#bytes[pos]! < 0x80;
  }

  #longVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 64n; shift += 7n) {
      this.#need(1);
      const byte = this.#bytes[this.#reader.pos++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw overflow;
  }

  #pass(count: number): void {
    this.#need(count);
    this.#reader.pos += count;
  }

  #need(count: number): void {
    if (this.#reader.pos + count > this.#end) throw unexpectedEnd;
  }
}
