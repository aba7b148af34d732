import type { Readable } from "node:stream";
import { type Dispatcher, errors } from "undici";
import type { Clock } from "#core/clock.ts";
import type { Exchange } from "../exchange.ts";
import { Answer } from "./answer.ts";
import { fieldsOf } from "./answer-fields.ts";
import { PodFailure } from "./engine.ts";
import type { PodConnection, PodConnections } from "./pod-connections.ts";
import { faultOf } from "./pod-fault.ts";
import { requestFields } from "./request-fields.ts";

interface TransferParts {
  readonly exchange: Exchange;
  readonly pod: PodConnections;
  readonly clock: Clock;
}

/** undici reads the reason as UTF-8; what is written is one byte per character, so that UTF-8 stays what it was. */
const asBytes = (reason: string): string =>
  /^[ -~]*$/.test(reason) ? reason : Buffer.from(reason).toString("latin1");

const none: readonly Uint8Array[] = [];

/** One request on one connection to a pod: undici calls it back with each part of the answer. */
export class UndiciTransfer implements Dispatcher.DispatchHandler {
  readonly #exchange: Exchange;
  readonly #answer: Answer;
  readonly #pod: PodConnections;
  readonly #connection: PodConnection;
  readonly #reused: boolean;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;
  /** undefined while no byte has been sent. */
  #controller: Dispatcher.DispatchController | undefined;

  constructor(parts: TransferParts, resolve: () => void, reject: (error: Error) => void) {
    this.#exchange = parts.exchange;
    this.#answer = new Answer(parts.exchange, parts.clock);
    this.#pod = parts.pod;
    this.#connection = parts.pod.take();
    this.#reused = this.#connection.served > 0;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(): void {
    const { inbound } = this.#exchange;
    this.#exchange.onCancel = (error) => {
      if (this.#controller === undefined) this.#pod.discard(this.#connection);
      else this.#controller.abort(error);
    };
    this.#connection.client.dispatch(
      {
        method: inbound.method,
        path: inbound.target,
        headers: requestFields(inbound),
        body: (inbound.body?.chunks() ?? null) as Readable | null,
        // undici would close the connection after a HEAD, and after a body with a method it does not expect one of.
        reset: false,
      },
      this,
    );
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _: unknown,
    reason?: string,
  ): void {
    const fields = fieldsOf((controller.rawHeaders ?? none) as readonly Uint8Array[]);
    if (status < 200) this.#answer.inform(status, fields);
    else this.#answer.start(status, asBytes(reason ?? ""), fields);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    if (this.#answer.data(chunk)) return;
    controller.pause();
    this.#exchange.inbound.onDrain = () => {
      this.#answer.drained();
      controller.resume();
    };
  }

  onResponseEnd(controller: Dispatcher.DispatchController): void {
    this.#exchange.onCancel = undefined;
    this.#exchange.inbound.onDrain = undefined;
    this.#pod.giveBack(this.#connection);
    this.#answer.end(fieldsOf((controller.rawTrailers ?? none) as readonly Uint8Array[]));
    this.#resolve();
  }

  onResponseError(_: unknown, error: Error): void {
    const sent = this.#controller !== undefined;
    this.#exchange.onCancel = undefined;
    this.#exchange.inbound.onDrain = undefined;
    this.#pod.discard(this.#connection);
    this.#reject(this.#exchange.cancelled ?? this.#failure(error, sent));
  }

  #failure(error: Error, sent: boolean): Error {
    // undici refuses to send it: that is a fault of ours, not the pod's.
    if (error instanceof errors.InvalidArgumentError || error instanceof errors.NotSupportedError)
      return error;
    return new PodFailure(
      faultOf(error, { connected: sent, answered: this.#exchange.inbound.started }),
      { sent, reused: this.#reused },
      error,
    );
  }
}
