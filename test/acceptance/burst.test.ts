import http from "node:http";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { app, Pilotlight } from "../helpers/pilotlight.ts";

const REQUESTS = 500;
const WORK_MS = 50;
const CONCURRENCY = 10;
const MAX_SCALE = 5;

interface Answer {
  readonly status: number;
  readonly pid: number;
  readonly most: number;
  readonly at: number;
  readonly id: number;
}

const ask = (url: string, agent: http.Agent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    http
      .get(url, { agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        response.on("end", () => {
          const body = (response.statusCode === 200 ? JSON.parse(text) : {}) as Omit<Answer, "status">;
          resolve({ ...body, status: response.statusCode! });
        });
      })
      .on("error", reject);
  });

test("a burst of 500 at zero: all answered, never more than 10 at once in a pod, in order of arrival", async () => {
  await using pilotlight = await Pilotlight.start(
    app({
      name: "worker",
      command: [process.execPath, resolve(import.meta.dirname, "worker-app.mjs")],
      annotations: {
        "autoscaling.knative.dev/max-scale": String(MAX_SCALE),
        "autoscaling.knative.dev/window": "6s",
        "pilotlight.dev/container-concurrency": String(CONCURRENCY),
      },
    }),
  );
  const agent = new http.Agent({ maxSockets: Number.POSITIVE_INFINITY });
  const start = performance.now();
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, (_, id) =>
      ask(`${pilotlight.url("worker")}?ms=${WORK_MS}&id=${id}`, agent),
    ),
  );
  const took = performance.now() - start;
  agent.destroy();

  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(Math.max(...answers.map(({ most }) => most))).toBeLessThanOrEqual(CONCURRENCY);
  const pods = new Set(answers.map(({ pid }) => pid));
  expect(pods.size).toBeLessThanOrEqual(MAX_SCALE);
  // In order of arrival: as pods begin them, ids only grow, but for the few that are under way at once.
  const began = answers.toSorted((a, b) => a.at - b.at).map(({ id }) => id);
  const displaced = began.map((id, position) => Math.abs(id - position));
  expect(Math.max(...displaced)).toBeLessThanOrEqual(2 * CONCURRENCY * MAX_SCALE);
  const ideal = (REQUESTS * WORK_MS) / (CONCURRENCY * MAX_SCALE);
  console.log(
    `burst: ${REQUESTS} requests in ${took.toFixed(0)} ms with ${pods.size} pods; ideal with ${MAX_SCALE}: ${ideal} ms`,
  );
});
