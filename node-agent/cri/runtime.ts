/** Asks the container runtime over its socket, with two calls that change nothing. */
import type { Runtime } from "../find/address-finder.ts";
import { listRequest, readAddresses, readSandboxes, statusRequest } from "./messages.ts";
import { UnaryClient, type UnaryOptions } from "./unary.ts";

const LIST = "/runtime.v1.RuntimeService/ListPodSandbox";
const STATUS = "/runtime.v1.RuntimeService/PodSandboxStatus";

export interface CriRuntime extends Runtime {
  close(): void;
}

/** The runtime at a Unix socket. */
export const criRuntime = (options: UnaryOptions): CriRuntime => {
  const client = new UnaryClient(options);
  return {
    sandboxes: async (podUid) => {
      const all = readSandboxes(await client.call(LIST, listRequest(podUid)));
      const ready = all.filter((sandbox) => sandbox.ready);
      return ready.toSorted((a, b) => Number(b.createdAt - a.createdAt)).map(({ id }) => id);
    },
    addresses: async (sandboxId) => readAddresses(await client.call(STATUS, statusRequest(sandboxId))),
    close: () => client.close(),
  };
};
