/** Asks the container runtime over its socket, with two calls that change nothing. */
import { Client, credentials } from "@grpc/grpc-js";
import type { Millis } from "#core/clock.ts";
import type { Runtime } from "../find/address-finder.ts";
import { listRequest, readAddresses, readSandboxes, statusRequest } from "./messages.ts";

const LIST = "/runtime.v1.RuntimeService/ListPodSandbox";
const STATUS = "/runtime.v1.RuntimeService/PodSandboxStatus";

export interface CriRuntime extends Runtime {
  close(): void;
}

/** The runtime at a Unix socket; the connection is made at the first call and again when it is lost. */
export const criRuntime = (socket: string, limitMs: Millis, now: () => Millis): CriRuntime => {
  const client = new Client(`unix://${socket}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": 1024 * 1024,
    "grpc.initial_reconnect_backoff_ms": 50,
    "grpc.max_reconnect_backoff_ms": 1000,
  });
  const call = <T>(path: string, request: Uint8Array, read: (bytes: Uint8Array) => T): Promise<T> =>
    new Promise((resolve, reject) => {
      const deadline = now() + limitMs;
      client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        read,
        request,
        { deadline },
        (error, answer) => {
          if (error === null && answer !== undefined) resolve(answer);
          else reject(error ?? new Error("the runtime gave no answer"));
        },
      );
    });
  return {
    sandboxes: async (podUid) => {
      const all = await call(LIST, listRequest(podUid), readSandboxes);
      const ready = all.filter((sandbox) => sandbox.ready);
      return ready.toSorted((a, b) => Number(b.createdAt - a.createdAt)).map(({ id }) => id);
    },
    addresses: (sandboxId) => call(STATUS, statusRequest(sandboxId), readAddresses),
    close: () => client.close(),
  };
};
