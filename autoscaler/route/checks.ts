import type { Millis } from "#core/clock.ts";
import type { Others } from "#core/kube/others.ts";

/**
 * When to read again what Kubernetes's controllers wrote for a Service that is routed by us. A controller may
 * still act on what it knew before the selector went, so it is looked at soon, and then less and less often.
 */
const AGAIN_MS: readonly Millis[] = [1000, 5000, 30_000, 300_000];

interface Check {
  readonly version: string;
  readonly clean: number;
  readonly until: Millis;
}

export const isClean = ({ slices, endpoints }: Others): boolean => slices.length === 0 && !endpoints;

const cleanOthers: Others = { slices: [], endpoints: false };

/** What is known of the others' slices, by Service. */
export class OthersChecks {
  readonly #checks = new Map<string, Check>();

  /** Clean, as last read, unless that was too long ago or the Service is another one by now. */
  known(id: string, version: string, now: Millis): Others | undefined {
    const check = this.#checks.get(id);
    return check !== undefined && check.version === version && now < check.until ? cleanOthers : undefined;
  }

  /** Notes what was read; returns when to read again. */
  note(id: string, version: string, read: { readonly others: Others; readonly now: Millis }): Millis {
    const before = this.#checks.get(id);
    const clean = isClean(read.others) && before?.version === version ? before.clean + 1 : 0;
    const again = AGAIN_MS[Math.min(clean, AGAIN_MS.length - 1)]!;
    if (isClean(read.others)) this.#checks.set(id, { version, clean, until: read.now + again });
    else this.#checks.delete(id);
    return again;
  }

  forget(id: string): void {
    this.#checks.delete(id);
  }
}
