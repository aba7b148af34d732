import {
  decodeMessages,
  decodeStat,
  encodeMessages,
  encodeStat,
  STAT_CONTENT_TYPE,
  type Decoded,
  type WireStatMessage,
} from "#core/stat-codec.ts";
import { podStat } from "../../../activator/stats/pod-stat.ts";
import type { RequestReport } from "../../../activator/stats/request-stats.ts";
import { Checks, number, type Case, type Replay } from "../family.ts";
import { readStat, writeStat } from "../stats.ts";

type Fields = Readonly<Record<string, unknown>>;

export const replay: Replay = (test) => {
  const checks = new Checks();
  switch (test.kind) {
    case "wire":
      checks.check("base64", test.base64, base64(encodeMessages(readMessages(test))));
      break;
    case "endpoint":
      replayEndpoint(test, checks);
      break;
    case "decodeStat":
      checkDecoded(checks, test, decodeStat(bytes(test)), (stat) => ({ stat: writeStat(stat) }));
      break;
    case "decodeWire":
      checkDecoded(checks, test, decodeMessages(bytes(test)), (messages) => ({
        messages: messages.map(writeMessage),
      }));
      break;
    default:
      throw new Error(`unknown kind ${String(test.kind)}`);
  }
  return checks.differences;
};

const replayEndpoint = (test: Case, checks: Checks): void => {
  const report = test.report as Fields | undefined;
  const stat = podStat(
    (test.podName as string | undefined) ?? "",
    report && {
      report: readReport(report),
      period: number(test.reportingPeriod),
      uptime: number(test.uptime),
    },
  );
  checks.check("base64", test.base64, base64(encodeStat(stat)));
  checks.check("stat", test.stat, writeStat(stat));
  checks.check("contentType", test.contentType, STAT_CONTENT_TYPE);
};

/** The error text is Go's; what counts is whether there is one. */
const checkDecoded = <T>(
  checks: Checks,
  test: Case,
  decoded: Decoded<T>,
  write: (value: T) => unknown,
): void => {
  checks.check("fails", test.error !== undefined, !decoded.ok);
  const { stat, messages } = test;
  if (decoded.ok) checks.check("value", { stat, messages }, write(decoded.value));
};

const bytes = (test: Case): Uint8Array => Buffer.from((test.base64 as string | undefined) ?? "", "base64");
const base64 = (data: Uint8Array): string => Buffer.from(data).toString("base64");

const readMessages = (test: Case): WireStatMessage[] =>
  ((test.messages as readonly Fields[] | undefined) ?? []).map(({ namespace, name, stat }) => ({
    namespace: (namespace as string | undefined) ?? "",
    name: (name as string | undefined) ?? "",
    stat: stat === null || stat === undefined ? undefined : readStat(stat as Fields),
  }));

const writeMessage = ({ namespace, name, stat }: WireStatMessage): unknown => ({
  namespace,
  name,
  stat: stat === undefined ? null : writeStat(stat),
});

const readReport = (fields: Fields): RequestReport => ({
  averageConcurrency: number(fields.averageConcurrency),
  averageProxiedConcurrency: number(fields.averageProxiedConcurrency),
  requestCount: number(fields.requestCount),
  proxiedRequestCount: number(fields.proxiedRequestCount),
});
