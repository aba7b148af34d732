/**
 * Stats on the wire (`knative.md` 3.13): Knative's messages `Stat`, `WireStatMessage` and `WireStatMessages`,
 * byte for byte. Nothing here throws, whatever the bytes.
 */
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { revisionId } from "./revision.ts";
import type { Stat, StatMessage } from "./stat.ts";
import { WireReader } from "./wire-reader.ts";

/** A message as it stands on the wire; one without a stat says nothing. */
export interface WireStatMessage {
  readonly namespace: string;
  readonly name: string;
  readonly stat: Stat | undefined;
}

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  /** `error` is for people. */
  | { readonly ok: false; readonly error: string };

/** Content type of a stat that a pod serves. */
export const STAT_CONTENT_TYPE = "application/protobuf";
/** Bytes of a served stat that are read; what lies behind them is cut off. */
const MAX_STAT_BYTES = 336;
/** Messages in one frame: more than one autoscaler is meant for. */
export const MAX_MESSAGES = 200_000;
/** Bytes of one frame: room for all those messages with the longest names. */
export const MAX_FRAME_BYTES = 64 * 1024 * 1024;

/** Bytes of one frame for a batch. */
export const encodeStats = (batch: readonly StatMessage[]): Uint8Array =>
  encodeMessages(
    batch.map(({ id, stat }) => {
      const slash = id.indexOf("/");
      return { namespace: id.slice(0, slash), name: id.slice(slash + 1), stat };
    }),
  );

/** The stats of one frame; messages without one are left out. */
export const decodeStats = (bytes: Uint8Array): Decoded<StatMessage[]> => {
  const decoded = decodeMessages(bytes);
  if (!decoded.ok) return decoded;
  const value: StatMessage[] = [];
  for (const { namespace, name, stat } of decoded.value) {
    if (stat !== undefined) value.push({ id: revisionId(namespace, name), stat });
  }
  return { ok: true, value };
};

export const encodeMessages = (messages: readonly WireStatMessage[]): Uint8Array => {
  const writer = new BinaryWriter();
  for (const { namespace, name, stat } of messages) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writeText(writer, 1, namespace);
    writeText(writer, 2, name);
    if (stat !== undefined) {
      writer.tag(3, WireType.LengthDelimited).fork();
      writeStat(writer, stat);
      writer.join();
    }
    writer.join();
  }
  return writer.finish();
};

export const decodeMessages = (bytes: Uint8Array): Decoded<WireStatMessage[]> => {
  if (bytes.byteLength > MAX_FRAME_BYTES) return { ok: false, error: `frame of ${bytes.byteLength} bytes` };
  return attempt(() => readMessages(new WireReader(bytes)));
};

/** Bytes of one stat, as a pod serves it. */
export const encodeStat = (stat: Stat): Uint8Array => {
  const writer = new BinaryWriter();
  writeStat(writer, stat);
  return writer.finish();
};

/** The stat that a pod served; only the first `MAX_STAT_BYTES` count, and a cut between fields goes unnoticed. */
export const decodeStat = (body: Uint8Array): Decoded<Stat> =>
  attempt(() => {
    const stat = emptyStat();
    readStatInto(new WireReader(body.subarray(0, MAX_STAT_BYTES)), stat);
    return stat;
  });

const attempt = <T>(read: () => T): Decoded<T> => {
  try {
    return { ok: true, value: read() };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
};

/** What is 0, −0 included, or empty is not on the wire. */
const writeText = (writer: BinaryWriter, field: number, value: string): void => {
  if (value !== "") writer.tag(field, WireType.LengthDelimited).string(value);
};

const writeDouble = (writer: BinaryWriter, field: number, value: number): void => {
  if (value !== 0) writer.tag(field, WireType.Bit64).double(value);
};

const writeStat = (writer: BinaryWriter, stat: Stat): void => {
  writeText(writer, 1, stat.podName);
  writeDouble(writer, 2, stat.averageConcurrentRequests);
  writeDouble(writer, 3, stat.averageProxiedConcurrentRequests);
  writeDouble(writer, 4, stat.requestCount);
  writeDouble(writer, 5, stat.proxiedRequestCount);
  writeDouble(writer, 6, stat.processUptime);
  if (stat.timestamp !== 0n) writer.tag(7, WireType.Varint).int64(stat.timestamp);
};

const TEXT = WireType.LengthDelimited;
const DOUBLE = WireType.Bit64;
const VARINT = WireType.Varint;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const emptyStat = (): Writable<Stat> => ({
  podName: "",
  averageConcurrentRequests: 0,
  averageProxiedConcurrentRequests: 0,
  requestCount: 0,
  proxiedRequestCount: 0,
  processUptime: 0,
  timestamp: 0n,
});

/** Reads to the end of the present message. A field that comes twice counts as it stands last. */
const readStatInto = (reader: WireReader, stat: Writable<Stat>): void => {
  while (!reader.done) {
    const tag = reader.tag();
    switch (tag) {
      case TEXT + 1 * 8:
        stat.podName = reader.text();
        break;
      case DOUBLE + 2 * 8:
        stat.averageConcurrentRequests = reader.double();
        break;
      case DOUBLE + 3 * 8:
        stat.averageProxiedConcurrentRequests = reader.double();
        break;
      case DOUBLE + 4 * 8:
        stat.requestCount = reader.double();
        break;
      case DOUBLE + 5 * 8:
        stat.proxiedRequestCount = reader.double();
        break;
      case DOUBLE + 6 * 8:
        stat.processUptime = reader.double();
        break;
      case VARINT + 7 * 8:
        stat.timestamp = reader.int64();
        break;
      default:
        reader.skipUnknown(tag, 7);
    }
  }
};

const readMessage = (reader: WireReader): WireStatMessage => {
  const message: { namespace: string; name: string; stat: Writable<Stat> | undefined } = {
    namespace: "",
    name: "",
    stat: undefined,
  };
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === TEXT + 1 * 8) message.namespace = reader.text();
    else if (tag === TEXT + 2 * 8) message.name = reader.text();
    else if (tag === TEXT + 3 * 8) {
      const stat = (message.stat ??= emptyStat());
      reader.message(() => readStatInto(reader, stat));
    } else reader.skipUnknown(tag, 3);
  }
  return message;
};

const readMessages = (reader: WireReader): WireStatMessage[] => {
  const messages: WireStatMessage[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    if (tag !== TEXT + 1 * 8) {
      reader.skipUnknown(tag, 1);
      continue;
    }
    if (messages.length === MAX_MESSAGES) throw new Error(`more than ${MAX_MESSAGES} messages`);
    reader.message(() => messages.push(readMessage(reader)));
  }
  return messages;
};
