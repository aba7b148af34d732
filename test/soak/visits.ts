import http from "node:http";
import type { Ledger } from "./ledger.ts";
import { failed } from "./outcome.ts";
import { Random } from "./random.ts";
import type { SoakService } from "./services.ts";
import { type Visitor, sleep } from "./traffic/action.ts";

interface Visits {
  readonly url: string;
  readonly ledger: Ledger;
  readonly seed: number;
  readonly over: AbortSignal;
}

/**
 * The clients of one Service for one round: now and then some of them come together for a few seconds, and in between
 * there is time enough for the Service to be at zero. Resolves when the last one has its answer.
 */
export const visit = async (service: SoakService, { url, ledger, seed, over }: Visits): Promise<void> => {
  const random = Random.of(seed, service.name);
  await sleep(random.between(0, 3000));
  while (!over.aborted) {
    const ends = performance.now() + random.between(1000, 4000);
    const clients = Array.from({ length: random.between(1, service.clients) }, (_, i) =>
      client(service, { url, ledger, ends, over, random: Random.of(random.between(0, 2 ** 31), String(i)) }),
    );
    await Promise.all(clients);
    // Mostly long enough for zero, sometimes just when it goes there.
    const pause = random.chance(0.7) ? random.between(8000, 10_000) : random.between(5500, 7500);
    await interruptible(pause, over);
  }
};

const client = async (
  { name, actions }: SoakService,
  stay: {
    readonly url: string;
    readonly ledger: Ledger;
    readonly ends: number;
    readonly over: AbortSignal;
    readonly random: Random;
  },
): Promise<void> => {
  const { url, random, ledger } = stay;
  const agent = new http.Agent({ keepAlive: true });
  const visitor: Visitor = { url, port: Number(new URL(url).port), random, agent };
  while (performance.now() < stay.ends && !stay.over.aborted) {
    const action = random.pick(actions);
    const from = performance.now();
    const outcome = await action.run(visitor).catch((error: Error) => failed("thrown", error.stack));
    ledger.add({
      service: name,
      action: action.name,
      repeatable: action.repeatable === true,
      from,
      to: performance.now(),
      outcome,
    });
    await sleep(random.between(0, 10));
  }
  agent.destroy();
};

const interruptible = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
