import http from "node:http";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { app, Pilotlight } from "../../test/helpers/pilotlight.ts";

const CLIENTS = 40;
const TARGET = 10;
const WORK_MS = 50;

/** 40 clients at once against target 10: does the number of pods go where the KPA says, stay, and come back to 0? */
export const run = async (args: string[]): Promise<void> => {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: "string", default: "60" },
      rounds: { type: "string", default: "3" },
      window: { type: "string", default: "20s" },
    },
  });
  await using pilotlight = await Pilotlight.start(
    app({
      name: "worker",
      command: [process.execPath, resolve(import.meta.dirname, "../../test/acceptance/worker-app.mjs")],
      annotations: {
        "autoscaling.knative.dev/target": String(TARGET),
        "autoscaling.knative.dev/window": values.window,
        "autoscaling.knative.dev/max-scale": "20",
      },
    }),
  );
  // Average concurrency 40 over a target of 10 at 70 % utilization: ceil(40 / 7) = 6 pods.
  const expected = Math.ceil(CLIENTS / (TARGET * 0.7));
  for (let round = 1; round <= Number(values.rounds); round++) {
    await oneRound({ pilotlight, round, seconds: Number(values.seconds), expected });
  }
};

interface Round {
  readonly pilotlight: Pilotlight;
  readonly round: number;
  readonly seconds: number;
  readonly expected: number;
}

const oneRound = async ({ pilotlight, round, seconds, expected }: Round): Promise<void> => {
  const before = pilotlight.events.length;
  const counts = await load(`${pilotlight.url("worker")}?ms=${WORK_MS}`, seconds * 1000);
  const during = scales(pilotlight, before);
  const last = during.at(-1);
  await waitForZero(pilotlight, before);
  const line = `round ${round}: ${counts.answered} answered, ${counts.failed} failed; wanted pods ${during.join(" → ")} (KPA: ${expected}), then 0`;
  console.log(line);
  if (counts.failed > 0 || last !== expected) throw new Error(`not as it must be: ${line}`);
};

/** The numbers of pods that were asked for, in order, since event number `from`. */
const scales = (pilotlight: Pilotlight, from: number): number[] =>
  pilotlight.events
    .slice(from)
    .filter(({ event }) => event === "scaled")
    .map(({ to }) => Number(to));

const waitForZero = async (pilotlight: Pilotlight, from: number): Promise<void> => {
  for (let i = 0; i < 1200 && scales(pilotlight, from).at(-1) !== 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (scales(pilotlight, from).at(-1) !== 0) throw new Error("did not go back to zero within two minutes");
};

const load = async (url: string, ms: number): Promise<{ answered: number; failed: number }> => {
  const agent = new http.Agent({ keepAlive: true });
  const end = performance.now() + ms;
  const counts = { answered: 0, failed: 0 };
  const client = async (): Promise<void> => {
    while (performance.now() < end) {
      const ok = await new Promise<boolean>((resolve) => {
        http
          .get(url, { agent }, (response) => {
            response.resume().on("end", () => resolve(response.statusCode === 200));
            response.on("error", () => resolve(false));
          })
          .on("error", () => resolve(false));
      });
      if (ok) counts.answered++;
      else counts.failed++;
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();
  return counts;
};
