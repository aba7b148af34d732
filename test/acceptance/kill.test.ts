import http from "node:http";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { app, Pilotlight } from "../helpers/pilotlight.ts";

const SECONDS = 8;

interface Seen {
  readonly method: string;
  readonly status: number;
  readonly body: string;
}

const send = (url: string, method: string, agent: http.Agent): Promise<Seen> =>
  new Promise((resolve) => {
    const request = http.request(
      url,
      { agent, method, headers: { accept: "application/json" } },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve({ method, status: response.statusCode!, body }));
        response.on("error", (error) => resolve({ method, status: 0, body: error.message }));
      },
    );
    request.on("error", (error) => resolve({ method, status: 0, body: error.message }));
    request.end(method === "POST" ? "work" : undefined);
  });

test("pods killed every second under load: idempotent requests see no error, others only 502s that say so", async () => {
  await using pilotlight = await Pilotlight.start(
    app({
      name: "worker",
      command: [process.execPath, resolve(import.meta.dirname, "worker-app.mjs")],
      annotations: {
        "autoscaling.knative.dev/min-scale": "3",
        "autoscaling.knative.dev/max-scale": "5",
        "autoscaling.knative.dev/target": "10",
      },
    }),
  );
  const url = `${pilotlight.url("worker")}?ms=20`;
  const agent = new http.Agent({ keepAlive: true });
  const seen: Seen[] = [];
  const live = new Map<number, number>();
  const over = new AbortController();
  const client = async (method: string): Promise<void> => {
    while (!over.signal.aborted) {
      const answer = await send(url, method, agent);
      seen.push(answer);
      if (answer.status === 200) live.set((JSON.parse(answer.body) as { pid: number }).pid, seen.length);
    }
  };
  const clients = Array.from({ length: 10 }, (_, index) => client(index % 2 === 0 ? "GET" : "POST"));
  let killed = 0;
  for (let second = 0; second < SECONDS; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const latest = [...live].toSorted((a, b) => b[1] - a[1])[0];
    if (latest === undefined) continue;
    process.kill(latest[0], "SIGKILL");
    live.clear();
    killed++;
  }
  over.abort();
  await Promise.all(clients);
  agent.destroy();

  const failed = seen.filter(({ status }) => status !== 200);
  expect(killed).toBeGreaterThan(SECONDS / 2);
  expect(failed.filter(({ method }) => method === "GET")).toEqual([]);
  const codes = failed.map(
    ({ status, body }) => `${status} ${(JSON.parse(body) as { error: { code: string } }).error.code}`,
  );
  expect(new Set(codes).difference(new Set(["502 pod_reset", "502 pod_refused"]))).toEqual(new Set());
  expect(seen.filter(({ status }) => status === 200).length).toBeGreaterThan(500);
});
