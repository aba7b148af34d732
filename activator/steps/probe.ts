import { RequestError } from "#core/errors.ts";
import { NETWORK_HASH, NETWORK_PROBE } from "#core/headers.ts";
import { answerLocally } from "./local-answer.ts";
import type { Step } from "./step.ts";

const networkProbe = NETWORK_PROBE.toLowerCase();
const networkHash = NETWORK_HASH.toLowerCase();

/** Answers the probes that ingress controllers and the autoscaler send through Services (`knative.md` 4.2, 2–3). */
export const probe: Step = (exchange, next) => {
  const { inbound } = exchange;
  const kind = inbound.field(networkProbe);
  if (kind === undefined || kind === "") return next(exchange);
  if (kind === "activator") return answerLocally(exchange, 200, "activator");
  if (kind !== "probe") {
    return Promise.reject(
      new RequestError("bad_probe", { detail: `unexpected ${NETWORK_PROBE}: "${kind}"` }),
    );
  }
  const hash = inbound.field(networkHash);
  if (hash === undefined || hash === "") {
    const detail = `a probe request must contain a non-empty "${NETWORK_HASH}" header`;
    return Promise.reject(new RequestError("bad_probe", { detail }));
  }
  return answerLocally(exchange, 200, "", [NETWORK_HASH, hash]);
};
