/** Assigns a port of this machine to each port of each Service. */
import { createServer } from "node:net";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { ownKeys } from "#core/annotations/own.ts";
import { accepted, refused, type Draft, type Problem } from "#core/manifest/problem.ts";
import type { Route } from "#core/ports.ts";
import type { RevisionId } from "#core/revision.ts";
import { routePortRange } from "../pod/port-range.ts";
import { problemAt } from "./objects.ts";
import type { Plan } from "./plan.ts";

const HOST = "127.0.0.1";

/**
 * The port of this machine for each port of each Service: the one its annotation names, or a free one, which is
 * the same at each start if nobody else has it. Routes in `known` stay as they are. A port that somebody else
 * has is a problem.
 */
export const assignRoutes = async (
  plan: Plan,
  known: readonly Route[] = [],
): Promise<Draft<readonly Route[], Problem>> => {
  const problems: Problem[] = [];
  const routes: Route[] = [];
  const wanted = plan.services.flatMap(({ revision, localPorts }) =>
    localPorts.map((port, portIndex) => ({ id: revision.id, portIndex, port })),
  );
  // Those that name their port go first, so that nobody else gets it.
  for (const { id, portIndex, port } of wanted.toSorted((a, b) => order(a.port) - order(b.port))) {
    const before = known.find((route) => route.id === id && route.portIndex === portIndex);
    const taken = new Set(routes.map((route) => route.port));
    if (before !== undefined && (port ?? before.port) === before.port && !taken.has(before.port)) {
      routes.push(before);
    } else if (port === undefined) {
      routes.push({ id, portIndex, host: HOST, port: await freePort(id, portIndex, taken) });
    } else {
      const error = known.some((route) => route.port === port) ? undefined : await whyNotListen(port);
      if (error !== undefined) problems.push(takenProblem(plan, id, port, error));
      routes.push({ id, portIndex, host: HOST, port });
    }
  }
  return problems.length > 0 ? refused(problems) : accepted(inPlanOrder(routes, plan));
};

const order = (port: number | undefined): number => (port === undefined ? 1 : 0);

const inPlanOrder = (routes: readonly Route[], { services }: Plan): Route[] =>
  services.flatMap(({ revision }) =>
    routes.filter(({ id }) => id === revision.id).toSorted((a, b) => a.portIndex - b.portIndex),
  );

/** Why a port cannot be listened on; undefined = it can. */
const whyNotListen = async (port: number): Promise<string | undefined> => {
  const server = createServer();
  try {
    await once(server.listen({ port, host: HOST }), "listening");
    server.close();
    await once(server, "close");
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? String(error);
  }
};

const freePort = async (id: RevisionId, portIndex: number, taken: ReadonlySet<number>): Promise<number> => {
  const { from, to } = routePortRange();
  const start = createHash("sha256").update(`${id}:${portIndex}`).digest().readUInt32BE();
  for (let i = 0; i < to - from; i++) {
    const port = from + ((start + i) % (to - from));
    if (!taken.has(port) && (await whyNotListen(port)) === undefined) return port;
  }
  throw new Error(`no free port between ${from} and ${to}`);
};

const takenProblem = ({ places }: Plan, id: RevisionId, port: number, code: string): Problem => {
  const why =
    code === "EADDRINUSE"
      ? `port ${port} of 127.0.0.1 is taken by another process`
      : `port ${port} of 127.0.0.1 cannot be listened on (${code})`;
  return problemAt(
    places.get(id)!,
    ["metadata", "annotations", ownKeys.localPort],
    why,
    "end that process, name another port, or take the annotation off for a free one",
  );
};
