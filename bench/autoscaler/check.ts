import { FakeClock } from "../../test/helpers/fake-clock.ts";
import { benchWorld, PER_POD } from "./world.ts";

/** Concurrent requests, constant, and the pods they ask for; the last one stops. */
const loads = [3.5, 7, 7.1, 20, 35, 69.9, 200, 0] as const;

const messageOf = (id: string, averageConcurrentRequests: number) => ({
  id,
  stat: {
    podName: "reporter",
    averageConcurrentRequests,
    averageProxiedConcurrentRequests: 0,
    requestCount: 1,
    proxiedRequestCount: 0,
    processUptime: 0,
    timestamp: 0n,
  },
});

/** The same assembly on a clock of its own: after three minutes of constant load each has ceil(load ÷ target) pods. */
export const checkAnswers = async (): Promise<string> => {
  const clock = new FakeClock();
  const { autoscaler, scale, ids } = benchWorld(loads.length, 5, { clock });
  await autoscaler.start();
  for (let second = 0; second < 180; second++) {
    autoscaler.receive(
      "reporter",
      ids.map((id, i) => messageOf(id, loads[i]!)),
    );
    await clock.advance(1000);
  }
  await autoscaler.stop(AbortSignal.abort());
  for (const [i, id] of ids.entries()) {
    const [told, right] = [scale.told.get(id), Math.ceil(loads[i]! / PER_POD)];
    if (told !== right)
      throw new Error(`wrong answer: load ${loads[i]} has ${told} pods instead of ${right}`);
  }
  return `answers right: loads ${loads.join(", ")} → ${ids.map((id) => scale.told.get(id)).join(", ")} pods`;
};
