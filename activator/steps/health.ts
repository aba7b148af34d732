import { KUBELET_PROBE, KUBE_PROBE_AGENT } from "#core/headers.ts";
import { answerLocally } from "./local-answer.ts";
import type { Step } from "./step.ts";

const kubeletProbe = KUBELET_PROBE.toLowerCase();

/**
 * Answers kubelet's probes of the front port (`knative.md` 4.2, step 1): `problem` says why nothing should be sent
 * here. On a Service's own port such a request is that Service's business.
 */
export const health =
  (problem: () => string | undefined): Step =>
  (exchange, next) => {
    const { inbound } = exchange;
    if (inbound.route !== undefined) return next(exchange);
    const probed =
      inbound.field("user-agent")?.startsWith(KUBE_PROBE_AGENT) || Boolean(inbound.field(kubeletProbe));
    if (!probed) return next(exchange);
    const why = problem();
    return why === undefined ? answerLocally(exchange, 200, "") : answerLocally(exchange, 503, `${why}\n`);
  };
