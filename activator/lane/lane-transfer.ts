import type { Socket } from "node:net";
import { textOf } from "./bytes.ts";
import type { Clock } from "#core/clock.ts";
import type { Exchange } from "../exchange.ts";
import { answerFields } from "../forward/answer-fields.ts";
import { mostInformed } from "../forward/answer.ts";
import { type PodFault, PodFailure } from "../forward/engine.ts";
import { trailerFields } from "../forward/request-fields.ts";
import type { AnswerHead } from "./answer-head.ts";
import { AnswerReader, type AnswerSink } from "./answer-reader.ts";
import { fieldsIn } from "./field-scan.ts";
import type { LaneInbound } from "./lane-inbound.ts";
import type { PodConnection, PodUser } from "./pod-connection.ts";
import type { PodPool, PoolUser } from "./pod-pool.ts";
import { startAnswer } from "./write-answer.ts";
import { requestText } from "./write-request.ts";

export interface TransferParts {
  readonly clock: Clock;
  readonly maxHeadBytes: number;
}

/** Up to here a head and the beginning of its body go out in one piece. */
const small = 16_000;

/** One request on one connection to a pod, and its answer on the way back. */
export class LaneTransfer implements PodUser, PoolUser, AnswerSink {
  readonly #exchange: Exchange;
  readonly #inbound: LaneInbound;
  readonly #pool: PodPool;
  readonly #clock: Clock;
  #connection: PodConnection | undefined;
  #reused = false;
  readonly #reader: AnswerReader;
  readonly #timed: boolean;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;
  #sent = false;
  #over = false;
  #blocked = false;
  #informed = 0;

  constructor(
    request: { readonly exchange: Exchange; readonly inbound: LaneInbound; readonly pool: PodPool },
    parts: TransferParts,
    resolve: () => void,
    reject: (error: Error) => void,
  ) {
    this.#exchange = request.exchange;
    this.#inbound = request.inbound;
    this.#pool = request.pool;
    this.#clock = parts.clock;
    this.#reader = new AnswerReader(request.inbound.method, parts.maxHeadBytes, this);
    this.#timed = (request.exchange.revision?.idleTimeoutMs ?? 0) > 0;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(): void {
    this.#touch();
    this.#inbound.flushedByHand = true;
    this.#exchange.onCancel = (error) => this.#fail(error);
    this.#pool.take(this);
  }

  get waiting(): boolean {
    return !this.#over;
  }

  attach(connection: PodConnection): void {
    this.#connection = connection;
    this.#reused = connection.served > 0;
    connection.user = this;
    this.#touch();
    this.#send(connection.socket);
  }

  onRefused(error: Error): void {
    this.#fault("pod_refused", error);
  }

  #send(socket: Socket): void {
    this.#sent = true;
    const { body } = this.#inbound;
    const text = requestText(this.#inbound);
    const first = body?.take();
    if (first === undefined) socket.write(text, "latin1");
    else if (text.length + first.length <= small) socket.write(text + textOf(first), "latin1");
    else {
      socket.cork();
      socket.write(text, "latin1");
      socket.write(first);
      socket.uncork();
    }
    if (body === undefined || body.drained) return;
    body.onChange = () => this.#pump();
    this.#pump();
  }

  onDrain(): void {
    this.#blocked = false;
    this.#pump();
  }

  onBytes(bytes: Buffer): boolean {
    this.#touch();
    const wrong = this.#reader.read(bytes);
    if (this.#over) return true;
    this.#inbound.flush();
    if (wrong !== undefined) {
      this.#fault("pod_bad_response", new Error(wrong));
      return true;
    }
    return this.#inbound.client.flowing || this.#hold();
  }

  onEnded(): void {
    if (!this.#reader.end()) this.#fault("pod_reset", new Error("the pod closed the connection"));
  }

  onClosed(error: Error | undefined): void {
    this.#fault("pod_reset", error ?? new Error("the pod closed the connection"));
  }

  onInform({ status, text, scan }: AnswerHead): void {
    if (++this.#informed <= mostInformed) this.#inbound.inform(status, answerFields(fieldsIn(text, scan)));
  }

  onHead(head: AnswerHead): void {
    startAnswer(this.#inbound, head, this.#exchange.serverTiming);
    this.#exchange.status = head.status;
  }

  onData(data: Buffer): void {
    this.#inbound.write(data);
  }

  onEnd(trailers: readonly string[]): void {
    this.#finish();
    const { head, surplus } = this.#reader;
    const whole = this.#inbound.body?.drained !== false;
    if (head!.keepAlive && whole && !surplus) this.#pool.giveBack(this.#connection!, head!.idleMs);
    else this.#drop();
    this.#inbound.end(trailerFields(trailers));
    this.#resolve();
  }

  #touch(): void {
    if (this.#timed) this.#exchange.podActiveAt = this.#clock.now();
  }

  /** The client does not keep up: the pod waits. */
  #hold(): false {
    this.#exchange.held = true;
    this.#inbound.onDrain = () => {
      this.#exchange.held = false;
      this.#inbound.onDrain = undefined;
      this.#touch();
      this.#connection!.socket.resume();
    };
    return false;
  }

  #pump(): void {
    const { body } = this.#inbound;
    if (body === undefined || this.#over) return;
    while (!this.#blocked) {
      const chunk = body.take();
      if (chunk === undefined) return;
      this.#blocked = !this.#connection!.socket.write(chunk);
    }
  }

  #fault(fault: PodFault, cause: Error): void {
    this.#fail(new PodFailure(fault, { sent: this.#sent, reused: this.#reused }, cause));
  }

  #fail(error: Error): void {
    if (this.#over) return;
    this.#finish();
    this.#drop();
    this.#reject(this.#exchange.cancelled ?? error);
  }

  #finish(): void {
    this.#over = true;
    this.#exchange.onCancel = undefined;
    this.#inbound.onDrain = undefined;
    if (this.#inbound.body !== undefined) this.#inbound.body.onChange = undefined;
  }

  /** The state of the connection is not known. */
  #drop(): void {
    if (this.#connection === undefined) return;
    this.#connection.user = undefined;
    this.#connection.destroy();
  }
}
