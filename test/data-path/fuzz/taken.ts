/** What the activator took for requests, and how it is compared with what others read. */
import type { DataPath } from "../../helpers/data-path.ts";
import { until } from "../../helpers/until.ts";
import { type Reading, framingOf } from "./reader.ts";

interface Forwarded {
  readonly method: string;
  readonly target: string;
  readonly framing: string;
}

/** Notes what the activator took for a request, as it took it. */
export const spyOn = (path: DataPath): Forwarded[] => {
  const taken: Forwarded[] = [];
  const forward = path.engine.forward.bind(path.engine);
  path.engine.forward = (exchange, dest) => {
    const { method, target, body } = exchange.inbound;
    const chunked = body !== undefined && body.length === undefined;
    taken.push({ method, target, framing: framingOf(body?.length, chunked) });
    return forward(exchange, dest);
  };
  return taken;
};

/** Long enough for a piece to be read by itself, mostly. */
export const moment = () => new Promise((resolve) => setTimeout(resolve, 2));

/** Waits until none of these numbers changes any more. */
export const settled = async (sizes: () => readonly number[]): Promise<void> => {
  let before = "";
  await until(async () => {
    const now = sizes().join();
    const same = now === before;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 8));
    return same;
  });
};

/** As the activator forwards it. */
export const inOriginForm = (target: string): string => {
  const path = target.replace(/^https?:\/\/[^/?#]*/i, "");
  return path.startsWith("/") || path === "*" ? path : `/${path}`;
};

/** Complete requests, to be compared in any order: what was sent ahead may travel on several connections. */
export const whole = (readings: readonly Reading[]): string[] =>
  readings
    .filter(({ complete }) => complete)
    .map(({ method, target, body }) => JSON.stringify([method, inOriginForm(target), body]))
    .sort();
