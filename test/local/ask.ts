import http from "node:http";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** GET on a connection of its own. Rejects when there is no complete answer. */
export const ask = (url: string, agent: http.Agent | false = false): Promise<Answer> =>
  new Promise((resolve, reject) => {
    http
      .get(url, { agent }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode!, body })).on("error", reject);
      })
      .on("error", reject);
  });

/** `clients` of them ask again and again until the function is called; its answer is all they got. */
export const keepAsking = (url: string, clients: number): (() => Promise<Answer[]>) => {
  const agent = new http.Agent({ keepAlive: true });
  const answers: Answer[] = [];
  const state = { on: true };
  const client = async (): Promise<void> => {
    while (state.on) {
      answers.push(await ask(url, agent).catch((error: Error) => ({ status: 0, body: error.message })));
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
