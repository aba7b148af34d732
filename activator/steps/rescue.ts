import type { Clock } from "#core/clock.ts";
import { RequestError, errorCatalogue } from "#core/errors.ts";
import type { Logger } from "#core/log.ts";
import { errorAnswer } from "../error-answer.ts";
import type { Exchange } from "../exchange.ts";
import { grpcTrailers, isGrpc } from "../grpc.ts";
import { LogGate } from "./log-gate.ts";
import type { Step } from "./step.ts";

/**
 * The one place where failures become answers, by the table in `core/errors.ts`. Each is logged here, once. What
 * other steps began ends here, before the client is told of a failure.
 */
export const rescue = (deps: { readonly log: Logger; readonly clock: Clock }): Step => {
  const gate = new LogGate(deps.clock);
  return async (exchange, next) => {
    try {
      if (exchange.cancelled !== undefined) throw exchange.cancelled;
      await next(exchange);
      exchange.end(undefined);
    } catch (error) {
      const failure = error instanceof RequestError ? error : new RequestError("internal", { cause: error });
      exchange.end(failure);
      logOnce(deps.log, gate, exchange, failure);
      end(exchange, failure);
    }
  };
};

/** After the answer has begun its framing is all that can tell the client: the connection is cut, nothing is added. */
const end = (exchange: Exchange, failure: RequestError): void => {
  const { inbound, revision } = exchange;
  if (inbound.raw || failure.code === "client_closed") return inbound.destroy();
  if (isGrpc(inbound)) return endGrpc(exchange, failure);
  if (inbound.started) return inbound.destroy();
  const { status, reason, fields, body } = errorAnswer(failure, {
    accept: inbound.field("accept"),
    service: revision?.id,
  });
  if (exchange.serverTiming !== undefined) fields.push("Server-Timing", exchange.serverTiming);
  exchange.status = status;
  inbound.start(status, reason, fields);
  inbound.write(body);
  inbound.end([]);
};

/** The HTTP status of a gRPC answer is 200 whatever has happened; one that has begun can still end with a status. */
const endGrpc = (exchange: Exchange, failure: RequestError): void => {
  const { inbound, serverTiming } = exchange;
  const trailers = grpcTrailers(failure);
  if (inbound.started) return inbound.stream ? inbound.end(trailers) : inbound.destroy();
  exchange.status = failure.status;
  const timing = serverTiming === undefined ? [] : ["Server-Timing", serverTiming];
  const type = inbound.field("content-type") ?? "application/grpc";
  inbound.start(200, "OK", ["Content-Type", type, ...trailers, ...timing]);
  inbound.end([]);
};

const logOnce = (log: Logger, gate: LogGate, exchange: Exchange, failure: RequestError): void => {
  const { code, detail, cause } = failure;
  const { by } = errorCatalogue[code];
  if (by === "client" && !log.isLevelEnabled("debug")) return;
  const service = exchange.revision?.id;
  const suppressed = gate.pass(`${code} ${service}`);
  if (suppressed === undefined) return;
  const { method, peer, started } = exchange.inbound;
  const fields = { service, code, detail, by, method, peer, started, suppressed };
  if (code === "internal") log.error({ ...fields, err: cause }, "request failed");
  else if (by === "client") log.debug(fields, "request ended by the client");
  else log.warn(fields, "request failed");
};
