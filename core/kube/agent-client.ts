import http from "node:http";
import type { Clock, Millis } from "../clock.ts";

export interface AgentClientOptions {
  readonly clock: Clock;
  /** The activator's own token for the agents' audience; rejects when there is none. */
  readonly token: () => Promise<string>;
  /** Until an agent has to have accepted the connection: a slower one is of no use. */
  readonly connectMs?: Millis;
  readonly answerMs?: Millis;
}

const CONNECT_MS: Millis = 50;
const ANSWER_MS: Millis = 10_000;
const MAX_ANSWER_BYTES = 4096;
/** Looks like an address; whether it answers is for the probe to say. */
const ADDRESS = /^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F:]{2,45})$/;

/** Asks node agents for the addresses of starting pods. */
export class AgentClient {
  readonly #options: AgentClientOptions;
  readonly #agent = new http.Agent({ keepAlive: true, maxFreeSockets: 8, scheduling: "lifo" });

  constructor(options: AgentClientOptions) {
    this.#options = options;
  }

  /** The pod's first address; undefined when the agent knew none in time. Rejects when it cannot be asked. */
  async addressOf(url: string, podUid: string, signal: AbortSignal): Promise<string | undefined> {
    const waitMs = this.#options.answerMs ?? ANSWER_MS;
    const path = `/v1/pods/${encodeURIComponent(podUid)}/addresses?wait=${waitMs}`;
    const { status, text } = await this.#get(`${url}${path}`, signal);
    if (status === 204) return undefined;
    if (status !== 200) throw new Error(`the agent answered ${status}: ${text.slice(0, 200)}`);
    const { ips } = JSON.parse(text) as { ips?: unknown };
    return Array.isArray(ips) ? ips.find((ip) => typeof ip === "string" && ADDRESS.test(ip)) : undefined;
  }

  /** Opens a connection and lets the agent look at the token, ahead of the time when it counts. */
  async greet(url: string): Promise<void> {
    await this.#get(`${url}/v1/hello`, new AbortController().signal);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #get(url: string, signal: AbortSignal): Promise<{ status: number; text: string }> {
    const { clock, token, connectMs = CONNECT_MS, answerMs = ANSWER_MS } = this.#options;
    const authorization = `Bearer ${await token()}`;
    return new Promise((resolve, reject) => {
      const request = http.get(
        url,
        { agent: this.#agent, signal, headers: { authorization } },
        (response) => {
          read(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
        },
      );
      const limits = new DisposableStack();
      limits.use(
        clock.after(answerMs + 1000, () => request.destroy(new Error("the agent did not answer in time"))),
      );
      request.once("socket", (socket) => {
        if (!socket.connecting) return;
        const slow = clock.after(connectMs, () =>
          request.destroy(new Error("the agent did not accept in time")),
        );
        limits.use(slow);
        socket.once("connect", () => slow[Symbol.dispose]());
      });
      request.on("error", reject).on("close", () => limits.dispose());
    });
  }
}

const read = async (response: http.IncomingMessage): Promise<string> => {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_ANSWER_BYTES) throw new Error("the agent's answer is too long");
  }
  return text;
};
