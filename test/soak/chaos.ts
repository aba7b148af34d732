import type { Disturbances } from "./disturbances.ts";
import type { Pods } from "./pods.ts";
import type { Random } from "./random.ts";
import { services } from "./services.ts";
import type { Subject } from "./subject.ts";
import { sleep } from "./traffic/action.ts";

/** Longest time that a Service may have no pod because of crashes that were ordered: 1 + 2 + 4 s between starts. */
const CRASHES_MS = 20_000;

/** Kills pods, lets starts fail and replaces all pods, one thing at a time. */
export class Chaos {
  readonly #subject: Subject;
  readonly #pods: Pods;
  readonly #disturbances: Disturbances;
  readonly #random: Random;
  rollOuts = 0;

  constructor(parts: {
    readonly subject: Subject;
    readonly pods: Pods;
    readonly disturbances: Disturbances;
    readonly random: Random;
  }) {
    this.#subject = parts.subject;
    this.#pods = parts.pods;
    this.#disturbances = parts.disturbances;
    this.#random = parts.random;
  }

  async run(until: AbortSignal): Promise<void> {
    // Once a round: more often in a row, the pause before the next start would outgrow the round.
    let crashed = false;
    while (!until.aborted) {
      await sleep(this.#random.between(500, 2500));
      if (until.aborted) return;
      if (this.#random.chance(0.08)) this.#rollOut();
      else if (crashed || !this.#random.chance(0.15)) this.#kill();
      else {
        crashed = true;
        this.#crash();
      }
    }
  }

  #rollOut(): void {
    this.rollOuts++;
    this.#subject.rollOut();
  }

  #kill(): void {
    const victims = services
      .filter(({ killed }) => killed)
      .flatMap(({ name }) => this.#pods.serving(name).map((pod) => ({ name, pod })));
    if (victims.length === 0) return;
    const { name, pod } = this.#random.pick(victims);
    const now = performance.now();
    try {
      process.kill(pod.pid, "SIGKILL");
    } catch {
      // It has ended by itself just now.
      return;
    }
    this.#disturbances.add({ service: name, kind: "killed", from: now, to: now });
  }

  /** One crash is mended at once and seen by nobody; three of them put the pod into CrashLoopBackOff. */
  #crash(): void {
    const { name } = services.find(({ crashes }) => crashes)!;
    const now = performance.now();
    this.#subject.crashNext(this.#random.pick([1, 3]));
    this.#disturbances.add({ service: name, kind: "crashes", from: now, to: now + CRASHES_MS });
    for (const { pid } of this.#pods.serving(name)) process.kill(pid, "SIGKILL");
    this.#disturbances.add({ service: name, kind: "killed", from: now, to: now });
  }
}
