import { DataPath } from "../../helpers/data-path.ts";
import { type RawMessage, type RawSocket, statusOf, valueOf } from "../../helpers/raw-socket.ts";
import { ScriptedPod } from "../../helpers/scripted-pod.ts";
import { until } from "../../helpers/until.ts";
import type { Dialogue } from "./generate.ts";

/** All that either side can tell of one dialogue. */
export interface Outcome {
  readonly client: unknown;
  readonly pod: unknown;
  readonly ended: readonly number[];
}

const moment = () => new Promise((resolve) => setTimeout(resolve, 2));

const sendAll = async (to: RawSocket, texts: readonly string[]): Promise<void> => {
  for (const [i, text] of texts.entries()) {
    if (i > 0) await moment();
    to.send(text);
  }
};

/** One way through the activator, with a pod that says what it is told to. */
export class Way implements AsyncDisposable {
  readonly #path: DataPath;
  readonly #pod: ScriptedPod;
  #next: Dialogue | undefined;
  #seen: RawMessage[] = [];

  private constructor(path: DataPath, pod: ScriptedPod) {
    this.#path = path;
    this.#pod = pod;
  }

  static async start(lane: boolean): Promise<Way> {
    const pod = await ScriptedPod.start((connection) => way.#serve(connection));
    const path = await DataPath.start({
      dests: [pod.dest],
      config: { lane, maxTries: 1, headTimeoutMs: 300 },
      revision: { timeoutMs: 400 },
    });
    const way = new Way(path, pod);
    return way;
  }

  async run(dialogue: Dialogue): Promise<Outcome> {
    this.#next = dialogue;
    this.#seen = [];
    this.#path.ended.length = 0;
    const client = await this.#path.connect();
    client.socket.on("end", () => client.socket.destroy());
    await sendAll(client, dialogue.request);
    const told = await answerTo(client, dialogue.request.join(""));
    client.reset();
    await until(() => this.#path.inFlight === 0, "the end of every request");
    return { client: told, pod: this.#seen.map(normal), ended: [...this.#path.ended] };
  }

  async #serve(connection: RawSocket): Promise<void> {
    while (!connection.ended && !connection.closed) {
      const request = await connection.message().catch(() => undefined);
      if (request === undefined || this.#next === undefined) return;
      this.#seen.push(request);
      await sendAll(connection, this.#next.answer);
      if (this.#next.ends) connection.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#path.stop();
    await this.#pod.close();
  }
}

/** The final answer with what came before it, or how the connection was cut. */
const answerTo = async (client: RawSocket, request: string): Promise<unknown> => {
  const all: unknown[] = [];
  try {
    for (;;) {
      const message = await client.message({ bodiless: request.startsWith("HEAD ") });
      all.push(normalAnswer(message));
      if (statusOf(message) >= 200) return all;
    }
  } catch {
    return [...all, "cut"];
  }
};

/** Our own words about what a pod did wrong are not compared; what kind of failure it was is. */
const normalAnswer = (message: RawMessage) => {
  const text = message.body.toString("latin1");
  const ours = valueOf(message.fields, "cache-control") === "no-store";
  // Whether a pod that says nonsense and closes has answered badly or not at all depends on who looks first.
  const code = /"code":"(\w+)"|^\d+ (\w+):/
    .exec(text)
    ?.slice(1)
    .join("")
    .replace(/pod_\w+/, "pod");
  const fields = pairsOf(message.fields).filter((pair) => !ours || !pair.startsWith("content-length:"));
  // undici gives only the last piece of a reason that came in two.
  const status = message.first.slice(0, 12);
  return { status, fields: fields.sort(), trailers: message.trailers, body: ours ? code : text };
};

const pairsOf = (fields: readonly string[]): string[] =>
  fields.flatMap((name, i) => (i % 2 === 0 ? [`${name.toLowerCase()}: ${fields[i + 1]!}`] : []));

const apart = /^(host|connection|content-length|transfer-encoding): /;

/** Where an engine writes Host and framing, and in which case, is its own affair; all else is in order. */
const normal = ({ first, fields, body, trailers }: RawMessage) => ({
  first,
  host: valueOf(fields, "host"),
  length: valueOf(fields, "content-length"),
  coding: valueOf(fields, "transfer-encoding"),
  fields: pairsOf(fields).filter((pair) => !apart.test(pair)),
  body: body.toString("latin1"),
  trailers,
});
