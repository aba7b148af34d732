import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeMessages,
  decodeStat,
  decodeStats,
  encodeMessages,
  encodeStat,
  encodeStats,
  MAX_FRAME_BYTES,
  MAX_MESSAGES,
} from "./stat-codec.ts";
import type { Stat, StatMessage } from "./stat.ts";

const empty: Stat = {
  podName: "",
  averageConcurrentRequests: 0,
  averageProxiedConcurrentRequests: 0,
  requestCount: 0,
  proxiedRequestCount: 0,
  processUptime: 0,
  timestamp: 0n,
};
const hex = (...bytes: readonly string[]) => Buffer.from(bytes.join("").replaceAll(" ", ""), "hex");
const ONE = "000000000000f03f";

test("a first request's frame, byte for byte", () => {
  const stat = { ...empty, podName: "activator-abc", averageConcurrentRequests: 1, requestCount: 1 };
  expect(Buffer.from(encodeStats([{ id: "default/rev-00001", stat }]))).toEqual(
    hex(
      "0a37 0a07",
      Buffer.from("default").toString("hex"),
      "1209",
      Buffer.from("rev-00001").toString("hex"),
      "1a21 0a0d",
      Buffer.from("activator-abc").toString("hex"),
      "11",
      ONE,
      "21",
      ONE,
    ),
  );
});

test("nothing takes no bytes; neither does -0", () => {
  expect(encodeStats([])).toHaveLength(0);
  expect(encodeStat({ ...empty, requestCount: -0 })).toHaveLength(0);
  expect(decodeStats(new Uint8Array())).toEqual({ ok: true, value: [] });
});

const double = fc.double();
const stat: fc.Arbitrary<Stat> = fc.record({
  podName: fc.string({ unit: "grapheme" }),
  averageConcurrentRequests: double,
  averageProxiedConcurrentRequests: double,
  requestCount: double,
  proxiedRequestCount: double,
  processUptime: double,
  timestamp: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
});
const messages: fc.Arbitrary<StatMessage[]> = fc.array(
  fc.record({ id: fc.stringMatching(/^[a-z-]{0,40}\/[a-z-]{0,200}$/), stat }),
  { maxLength: 20 },
);
const plainZero = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, v) => {
      if (typeof v === "bigint") return `${v}n`;
      return typeof v === "number" && !Number.isFinite(v) ? String(v) : v;
    }),
  );

test("what is written reads back the same", () => {
  fc.assert(
    fc.property(messages, (list) => {
      const decoded = decodeStats(encodeStats(list));
      expect(plainZero(decoded)).toEqual(plainZero({ ok: true, value: list }));
    }),
  );
});

describe("as Knative's decoder", () => {
  test.each<[string, Buffer, Partial<Stat>]>([
    [
      "fields in any order, the last one counts",
      hex("21", ONE, "0a0170 0a0171 3805 3806"),
      { podName: "q", requestCount: 1, timestamp: 6n },
    ],
    [
      "unknown fields of every type",
      hex("4a0178 50ac02 59", ONE, "6501020304 11", ONE),
      { averageConcurrentRequests: 1 },
    ],
    [
      "groups, nested and with other numbers inside",
      hex("4b 53 0a0178 5c 08ff01 4c 11", ONE),
      { averageConcurrentRequests: 1 },
    ],
    ["a negative timestamp in ten bytes", hex("38ffffffffffffffffff01"), { timestamp: -1n }],
    ["a tag with needless bytes", hex("918000", ONE), { averageConcurrentRequests: 1 }],
    [
      "a field number that only fits when it is cut to 32 bits",
      hex("9180808080 01", ONE),
      { averageConcurrentRequests: 1 },
    ],
    ["text that is not UTF-8", hex("0a02c328"), { podName: "\ufffd(" }],
    ["a text with a byte order mark", hex("0a04efbbbf61"), { podName: "\ufeffa" }],
  ])("accepts %s", (_, bytes, fields) => {
    expect(decodeStat(bytes)).toEqual({ ok: true, value: { ...empty, ...fields } });
  });

  test.each<[string, Buffer]>([
    ["a wrong type for a known field", hex("1001")],
    ["a number for a text", hex("09", ONE)],
    ["a double that is cut", hex("1100000000")],
    ["a text that is cut", hex("0a056865")],
    ["a length beyond 32 bits", hex("0a818080801078")],
    ["a tag that is cut", hex("80")],
    ["a number in eleven bytes", hex("38ffffffffffffffffffff01")],
    ["wire type 6", hex("4e")],
    ["field number 0", hex("0001")],
    ["a negative field number", hex("88808080 8080808080 01 01")],
    ["the end of a group that never began", hex("4c")],
    ["a group without an end", hex("4b0801")],
    ["an unknown text that is cut", hex("4a05")],
  ])("refuses %s", (_, bytes) => {
    expect(decodeStat(bytes)).toMatchObject({ ok: false });
  });

  test("of a served stat only 336 bytes are read; a cut between fields goes unnoticed", () => {
    const name = "p".repeat(336 - 3);
    const cut = encodeStat({ ...empty, podName: name, requestCount: 1 });
    expect(decodeStat(cut)).toEqual({ ok: true, value: { ...empty, podName: name } });
    expect(decodeStat(encodeStat({ ...empty, podName: `${name}p` })).ok).toBe(false);
  });

  test("a message without a stat says nothing; one with two of them merges them", () => {
    const both = hex("0a00 0a13 120161 1a030a0170 1a0911", ONE);
    expect(decodeMessages(both)).toMatchObject({
      value: [
        { namespace: "", name: "", stat: undefined },
        { name: "a", stat: { podName: "p", averageConcurrentRequests: 1 } },
      ],
    });
    expect(decodeStats(both)).toMatchObject({ ok: true, value: [{ id: "/a" }] });
  });

  test("a field may not reach beyond the message it is in", () => {
    expect(decodeMessages(hex("0a03 0a0561 1201621a00")).ok).toBe(false);
    expect(decodeMessages(hex("0a02 1a05 11", ONE)).ok).toBe(false);
  });
});

describe("bounds", () => {
  test("messages in one frame", () => {
    const frame = Buffer.alloc(2 * (MAX_MESSAGES + 1));
    for (let i = 0; i < frame.length; i += 2) frame[i] = 0x0a;
    expect(decodeMessages(frame.subarray(2)).ok).toBe(true);
    expect(decodeMessages(frame)).toEqual({ ok: false, error: `more than ${MAX_MESSAGES} messages` });
  });

  test("bytes of one frame", () => {
    expect(decodeMessages(new Uint8Array(MAX_FRAME_BYTES + 1)).ok).toBe(false);
  });

  test("groups may nest a million deep", () => {
    expect(decodeMessages(Buffer.alloc(1_000_000, 0x4b)).ok).toBe(false);
  });
});

test("a wire message keeps an absent stat absent", () => {
  const bytes = encodeMessages([{ namespace: "ns", name: "rev", stat: undefined }]);
  expect(Buffer.from(bytes).toString("hex")).toBe("0a090a026e731203726576");
});
