import { describe, expect, test } from "vitest";
import { ACK, END_STREAM, type Frame, frameType } from "./http2-frames.ts";
import { Http2Rules, type Verdict } from "./http2-rules.ts";

const of = (type: number, stream: number, flags = 0, payload: Buffer = Buffer.alloc(0)): Frame => ({
  type,
  stream,
  flags,
  payload,
  length: payload.length,
});
const headers = (stream: number, flags = 0) => of(frameType.headers, stream, flags);
const data = (stream: number, flags = 0, length = 0): Frame => ({
  ...of(frameType.data, stream, flags),
  length,
});
const reset = (stream: number) => of(frameType.rstStream, stream, 0, Buffer.alloc(4));
const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const window = (stream: number, by: number) => of(frameType.windowUpdate, stream, 0, number(by));
const priority = (stream: number, on: number) =>
  of(frameType.priority, stream, 0, Buffer.concat([number(on), Buffer.of(16)]));
const initialWindow = (size: number) =>
  of(frameType.settings, 0, 0, Buffer.concat([Buffer.of(0, 4), number(size)]));

/** The verdict on the last of a client's frames; all before it must pass. */
const judge = (...frames: Frame[]): Verdict => {
  const rules = new Http2Rules();
  for (const frame of frames.slice(0, -1)) expect(rules.received(frame)).toBe("pass");
  return rules.received(frames.at(-1)!);
};

describe("streams", () => {
  test.each([
    ["DATA on an open stream", [headers(1), data(1)]],
    ["trailers", [headers(1), data(1), headers(1, END_STREAM)]],
    ["a reset after the end", [headers(1, END_STREAM), reset(1)]],
    ["a window for an ended stream", [headers(1, END_STREAM), window(1, 1)]],
    ["DATA on a stream that is not open yet, which nghttp2 refuses", [headers(1), data(3)]],
  ])("%s passes", (_, frames) => {
    expect(judge(...frames)).toBe("pass");
  });

  test.each([
    ["DATA after the end", [headers(1, END_STREAM), data(1)]],
    ["DATA after trailers", [headers(1), headers(1, END_STREAM), data(1)]],
    ["DATA after a reset", [headers(1), reset(1), data(1)]],
    ["HEADERS after a reset", [headers(1), reset(1), headers(1)]],
    ["a lower stream than the last", [headers(5), headers(3)]],
  ])("%s ends the connection", (_, frames) => {
    expect(judge(...frames)).toMatchObject({ goaway: 5 });
  });

  test("what is remembered is bounded; forgotten streams pass", () => {
    const rules = new Http2Rules();
    for (let id = 1; id < 20_000; id += 2) expect(rules.received(headers(id))).toBe("pass");
    expect(rules.received(data(1))).toBe("pass");
    expect(rules.received(data(19_999))).toBe("pass");
  });
});

test.each([
  ["of no stream", priority(0, 1), { goaway: 1 }],
  ["on itself", priority(3, 3), { goaway: 1 }],
  ["on another", priority(3, 1), undefined],
])("a priority %s", (_, frame, verdict) => {
  if (verdict === undefined) expect(judge(frame)).toBe("pass");
  else expect(judge(frame)).toMatchObject(verdict);
});

test("an answer to a PING that nobody sent is dropped, a PING is not", () => {
  expect(judge(of(frameType.ping, 0, ACK, Buffer.alloc(8)))).toBe("drop");
  expect(judge(of(frameType.ping, 0, 0, Buffer.alloc(8)))).toBe("pass");
});

describe("windows", () => {
  const max = 0x7f_ff_ff_ff;

  test("beyond the largest one only that stream ends", () => {
    expect(judge(headers(1), window(1, max))).toEqual({ reset: 3, stream: 1 });
    expect(judge(headers(1), window(1, max - 65_535))).toBe("pass");
    expect(judge(headers(1), window(1, max - 65_535), window(1, 1))).toEqual({ reset: 3, stream: 1 });
    expect(judge(headers(1), window(3, max))).toBe("pass");
  });

  test("what was sent makes room, and settings change all of them", () => {
    const rules = new Http2Rules();
    rules.received(headers(1));
    rules.sent(data(1, 0, 65_535));
    expect(rules.received(window(1, max))).toBe("pass");
    expect(judge(initialWindow(0), headers(1), window(1, max))).toBe("pass");
    expect(judge(headers(1), initialWindow(0), window(1, max))).toBe("pass");
    expect(judge(headers(1), initialWindow(65_536), window(1, max - 65_535))).toEqual({
      reset: 3,
      stream: 1,
    });
  });
});
