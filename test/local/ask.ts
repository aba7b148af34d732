import http from "node:http";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One request, by default GET on a connection of its own. Rejects when there is no complete answer. */
export const ask = (url: string, options: http.RequestOptions = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    http
      .request(url, { agent: false, ...options }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode!, body })).on("error", reject);
      })
      .on("error", reject)
      .end();
  });

/**
 * `clients` of them ask again and again until the function is called; its answer is all they got. What fails
 * with POST stays failed: nobody may try it again for them.
 */
export const keepAsking = (
  url: string,
  clients: number,
  method: "GET" | "POST",
): (() => Promise<Answer[]>) => {
  const agent = new http.Agent({ keepAlive: true });
  const answers: Answer[] = [];
  const state = { on: true };
  const client = async (): Promise<void> => {
    while (state.on) {
      answers.push(
        await ask(url, { agent, method }).catch((error: Error) => ({ status: 0, body: error.message })),
      );
    }
  };
  const all = Promise.all(Array.from({ length: clients }, client));
  return async () => {
    state.on = false;
    await all;
    agent.destroy();
    return answers;
  };
};
