import { expect, test } from "vitest";
import { RequestError } from "#core/errors.ts";
import { type Ending, Exchange } from "./exchange.ts";
import type { Inbound } from "./inbound.ts";

const exchange = (): Exchange => new Exchange({} as Inbound, 0);

test("what was begun ends once, the last one first, and is told why", () => {
  const ended: [string, RequestError | undefined][] = [];
  const ending = (name: string): Ending => ({
    outer: undefined,
    ended: (_, failure) => void ended.push([name, failure]),
  });
  const failure = new RequestError("client_closed");
  const request = exchange();
  request.atEnd(ending("outer"));
  request.atEnd(ending("inner"));
  request.end(failure);
  request.end(undefined);
  expect(ended).toEqual([
    ["inner", failure],
    ["outer", failure],
  ]);
});

test("its signal is one for a single listener: told of the first reason, also when that has been", () => {
  const heard: unknown[] = [];
  const request = exchange();
  const { signal } = request;
  signal.addEventListener("abort", { handleEvent: () => heard.push(signal.reason) }, { once: true });
  expect(signal.aborted).toBe(false);
  const reason = new RequestError("client_closed");
  request.cancel(reason);
  request.cancel(new RequestError("request_timeout"));
  expect(heard).toEqual([reason]);
  const late = exchange();
  late.cancel(reason);
  expect([late.signal.aborted, late.signal.reason]).toEqual([true, reason]);
});

test("who has stopped listening is not told", () => {
  const request = exchange();
  const listener = { handleEvent: () => expect.unreachable() };
  request.signal.addEventListener("abort", listener, { once: true });
  request.signal.removeEventListener("abort", listener);
  request.cancel(new RequestError("client_closed"));
  expect(request.signal.aborted).toBe(true);
});
