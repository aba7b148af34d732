import { resolveSettings } from "#core/annotations/settings.ts";
import { defaultConfig, parseAutoscalerConfig } from "#core/autoscaler-config.ts";
import type { Rules } from "#core/divergences.ts";
import type { ActiveState } from "../../../autoscaler/scale/active.ts";
import { applyBounds } from "../../../autoscaler/scale/scale-bounds.ts";
import { scaleToZero, type ZeroInput } from "../../../autoscaler/scale/scale-to-zero.ts";
import { Checks, number, type Case, type Replay } from "../family.ts";

export const replay: Replay = (test, rules) => {
  const checks = new Checks();
  if (test.kind === "bounds") {
    const bounds = { min: number(test.min), max: number(test.max) };
    checks.check("bounded", test.bounded, applyBounds(number(test.desired), bounds));
    return checks.differences;
  }
  const input = readInput(test, rules);
  const first = scaleToZero(input);
  const probed = first.kind === "probe";
  const decision = probed ? scaleToZero(input, test.probeOK === true) : first;
  if (decision.kind === "probe") throw new Error("asks for a second probe");
  checks.check("want", test.want, {
    scale: decision.scale,
    apply: decision.apply,
    probed,
    asyncProbe: decision.probeInBackground ?? false,
    enqueueAfter: decision.againAfter === undefined ? [] : [decision.againAfter],
  });
  return checks.differences;
};

const STATES: Readonly<Record<string, ActiveState>> = { True: "active", False: "inactive" };

const readInput = (test: Case, rules: Rules): ZeroInput => {
  const data = (test.config as Record<string, string> | undefined) ?? {};
  const parsed = parseAutoscalerConfig(data, rules);
  const config = parsed.ok ? parsed.config : defaultConfig;
  const reachable = test.reachability !== "Unreachable";
  const now = number(test.now);
  return {
    desired: number(test.desired),
    state: STATES[String(test.active)] ?? "activating",
    // A revision without such a condition yet is on its way, since no time at all.
    inStateFor: test.active === undefined ? -1 : now - number(test.activeSince),
    settings: resolveSettings((test.annotations as Record<string, string> | undefined) ?? {}, config, {
      reachable,
      rules,
    }),
    config,
    progressDeadline: number(test.progressDeadline),
    proxying: test.sksMode === "Proxy",
    proxyFor: test.proxySince === undefined ? 0 : now - number(test.proxySince),
  };
};
