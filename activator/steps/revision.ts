import { RequestError } from "#core/errors.ts";
import { SERVING_NAMESPACE, SERVING_REVISION } from "#core/headers.ts";
import type { Revisions } from "#core/ports.ts";
import { type RevisionId, revisionId } from "#core/revision.ts";
import type { Inbound } from "../inbound.ts";
import type { Step } from "./step.ts";

const servingNamespace = SERVING_NAMESPACE.toLowerCase();
const servingRevision = SERVING_REVISION.toLowerCase();

/** Finds the revision: by the port that took the connection, on the front port by what the request says. */
export const revision =
  (revisions: Revisions): Step =>
  (exchange, next) => {
    const { inbound } = exchange;
    const { route } = inbound;
    const id = route === undefined ? namedBy(inbound) : route.id;
    const found = id === undefined ? undefined : revisions.get(id);
    if (found === undefined) {
      const detail = id ?? `nothing in the request names one (Host: ${inbound.host ?? "none"})`;
      return Promise.reject(new RequestError("no_such_service", { detail }));
    }
    exchange.revision = found;
    exchange.portIndex = route?.portIndex ?? 0;
    return next(exchange);
  };

/** Knative's fields, else a cluster host name `NAME.NAMESPACE`, `NAME.NAMESPACE.svc` or longer (`knative.md` 4.2, 5). */
export const namedBy = (inbound: Pick<Inbound, "field" | "host">): RevisionId | undefined => {
  const namespace = inbound.field(servingNamespace);
  const name = inbound.field(servingRevision);
  if (namespace !== undefined && name !== undefined) return revisionId(namespace, name);
  const labels = (inbound.host ?? "").toLowerCase().replace(/:\d*$/, "").split(".");
  if (labels.length < 2 || (labels.length > 2 && labels[2] !== "svc")) return undefined;
  const [host, space] = labels;
  return host && space ? revisionId(space, host) : undefined;
};
