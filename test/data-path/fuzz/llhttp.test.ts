import * as fc from "fast-check";
import { expect, test } from "vitest";
import { PortPath } from "../../helpers/port-path.ts";
import { RawSocket } from "../../helpers/raw-socket.ts";
import { until } from "../../helpers/until.ts";
import { readRequests } from "../smuggling/strict-reader.ts";
import { clientBytes } from "./grammar.ts";
import { LlhttpReader } from "./reader.ts";
import { inOriginForm, moment, settled, spyOn, whole } from "./taken.ts";

/** A few seconds' worth; more by `FUZZ_RUNS=10000`. */
const numRuns = Number(process.env["FUZZ_RUNS"] ?? 150);

/** What the strict reader makes of the same bytes, in the same form. */
const strictly = (bytes: readonly string[]): string[] =>
  bytes
    .flatMap((part) => readRequests(part).requests)
    .map((text) => {
      const [, method, target] = /^(\S+) (\S+) /.exec(text)!;
      return `${method} ${target}`;
    })
    .sort();

test.each([
  ["the general engine", false],
  ["the lane", true],
])(
  "by %s: whatever is forwarded is what llhttp reads, before us and behind us",
  async (_, lane) => {
    await using pod = await LlhttpReader.start();
    await using direct = await LlhttpReader.start();
    // By its own port: whatever the Host is, it is this Service.
    await using port = await PortPath.start("http1", { dests: [pod.dest], config: { lane } });
    const { path } = port;
    const taken = spyOn(path);
    let forwarded = 0;
    await fc.assert(
      fc
        .asyncProperty(clientBytes, async (pieces) => {
          const client = await port.connect();
          const other = await RawSocket.connect(direct.port);
          for (const piece of pieces) {
            client.send(piece);
            other.send(piece);
            await moment();
          }
          await settled(() => [client.received, other.received, taken.length, pod.readings.length]);
          // Before us: what we took is what llhttp reads in the client's own bytes, and in that order.
          await until(() => direct.readings.length >= taken.length, "llhttp to read as much as we");
          const before = direct.readings.map(({ method, target, framing }) => ({
            method,
            target: inOriginForm(target),
            framing,
          }));
          expect(taken).toEqual(before.slice(0, taken.length));
          // Behind us: nothing that llhttp does not accept, nothing more than we took, the same bodies.
          expect(pod.faults).toEqual([]);
          expect(pod.readings.length).toBeLessThanOrEqual(taken.length);
          const left = whole(direct.readings);
          for (const one of whole(pod.readings)) {
            const at = left.indexOf(one);
            expect(at, `${one} among ${left.join()}`).toBeGreaterThanOrEqual(0);
            left.splice(at, 1);
          }
          const complete = pod.readings.filter((reading) => reading.complete);
          expect(strictly(pod.bytes)).toEqual(
            complete.map(({ method, target }) => `${method} ${target}`).sort(),
          );
          expect((client.text.match(/HTTP\/1\.1 200 /g) ?? []).length).toBeLessThanOrEqual(complete.length);
          forwarded += complete.length;
          client.reset();
          other.reset();
          await until(() => path.inFlight === 0, "the end of every request");
        })
        .beforeEach(() => {
          taken.length = 0;
          pod.forget();
          direct.forget();
        }),
      { numRuns, endOnFailure: true },
    );
    // Most of what is generated gets somewhere, or nothing is tested.
    expect(forwarded).toBeGreaterThan(numRuns / 5);
  },
  30_000 + numRuns * 200,
);
