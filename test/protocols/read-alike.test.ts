import * as fc from "fast-check";
import { expect, test } from "vitest";
import { clientBytes } from "../data-path/fuzz/grammar.ts";
import { LlhttpReader } from "../data-path/fuzz/reader.ts";
import { inOriginForm, moment, settled, spyOn, whole } from "../data-path/fuzz/taken.ts";
import { PortPath } from "../helpers/port-path.ts";
import { until } from "../helpers/until.ts";
import { NginxProxy } from "./nginx-proxy.ts";

const numRuns = Number(process.env["FUZZ_RUNS"] ?? 300);

/**
 * Each of the two may refuse what the other one takes; from there on they are not compared. Up to there both must
 * have read the same requests in the same bytes.
 */
test.each([
  ["the general engine", false],
  ["the lane", true],
])("by %s: no request that is accepted is another one to nginx", async (_, lane) => {
  await using behindUs = await LlhttpReader.start();
  await using behindNginx = await LlhttpReader.start();
  await using nginx = await NginxProxy.start(behindNginx.dest);
  // By its own port: whatever the Host is, it is this Service.
  await using port = await PortPath.start("http1", { dests: [behindUs.dest], config: { lane } });
  const { path } = port;
  const taken = spyOn(path);
  let compared = 0;
  await fc.assert(
    fc
      .asyncProperty(clientBytes, async (pieces) => {
        const [client, other] = [await port.connect(), await nginx.connect()];
        for (const piece of pieces) {
          client.send(piece);
          other.send(piece);
          await moment();
        }
        const sizes = () => [client.received, other.received, taken.length, behindNginx.readings.length];
        await settled(sizes);
        const common = Math.min(taken.length, behindNginx.readings.length);
        const theirs = behindNginx.readings.slice(0, common);
        expect(taken.slice(0, common).map(({ method, target }) => [method, target])).toEqual(
          theirs.map(({ method, target }) => [method, inOriginForm(target)]),
        );
        // Only the last request that we took may be one whose body we refuse and nginx does not.
        const [all, some] =
          common === taken.length ? [theirs, behindUs.readings] : [behindUs.readings, theirs];
        await until(() => includesAll(whole(all), whole(some)), JSON.stringify(pieces));
        compared += common;
        client.reset();
        other.reset();
        await until(() => path.inFlight === 0, "the end of every request");
      })
      .beforeEach(() => {
        taken.length = 0;
        behindUs.forget();
        behindNginx.forget();
      }),
    { numRuns, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(numRuns / 5);
});

const includesAll = (all: readonly string[], some: readonly string[]): boolean => {
  const left = [...all];
  return some.every((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
};
