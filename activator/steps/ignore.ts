import { BlockList, isIP } from "node:net";
import type { IgnoreRules } from "#core/revision.ts";
import type { Inbound } from "../inbound.ts";
import type { Throttler } from "../throttle/throttler.ts";
import { type Matcher, anyGlob } from "./glob.ts";
import { answerLocally } from "./local-answer.ts";
import type { Step } from "./step.ts";

export interface IgnoreParts {
  readonly throttler: Pick<Throttler, "snapshot">;
}

const text = "No pod is running, and this request is one that starts none.\n";

/**
 * Answers what is not to wake a Service (health checkers, crawlers), while no pod of it is ready: `pilotlight.dev/ignore-*`. Such
 * a request waits for nothing and is no load. While there is a pod it is a request like any other.
 */
export const ignore = (parts: IgnoreParts): Step => {
  /** A revision's rules are one object until they change. */
  const compiled = new WeakMap<IgnoreRules, Ignored>();
  return (exchange, next) => {
    const rules = exchange.revision!.ignore;
    if (rules === undefined || parts.throttler.snapshot(exchange.revision!.id).dests > 0)
      return next(exchange);
    let ignored = compiled.get(rules);
    if (ignored === undefined) compiled.set(rules, (ignored = compile(rules)));
    const { inbound } = exchange;
    if (!ignored(inbound)) return next(exchange);
    if (!inbound.raw) return answerLocally(exchange, rules.status, text, ["Cache-Control", "no-store"]);
    inbound.destroy();
    return Promise.resolve();
  };
};

type Ignored = (inbound: Inbound) => boolean;

const compile = ({ paths, userAgents, cidrs }: IgnoreRules): Ignored => {
  const path = anyGlob(paths);
  const agent = anyGlob(userAgents.map((glob) => glob.toLowerCase()));
  const client = anyNetwork(cidrs);
  return (inbound) => {
    if (client(inbound.peer)) return true;
    if (inbound.raw) return false;
    return path(pathOf(inbound.target)) || agent((inbound.field("user-agent") ?? "").toLowerCase());
  };
};

const pathOf = (target: string): string => {
  const query = target.indexOf("?");
  return query < 0 ? target : target.slice(0, query);
};

const anyNetwork = (cidrs: readonly string[]): Matcher => {
  if (cidrs.length === 0) return () => false;
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", bits] = cidr.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (peer) => isIP(peer) !== 0 && list.check(peer, isIP(peer) === 6 ? "ipv6" : "ipv4");
};
