import type { EventEmitter } from "node:events";
import {
  Client,
  type Metadata,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
  credentials,
} from "@grpc/grpc-js";
import type { Dest } from "#core/ports.ts";

const same = (bytes: Buffer): Buffer => bytes;
const method = (path: string, requestStream: boolean, responseStream: boolean) => ({
  path: `/test.Echo/${path}`,
  requestStream,
  responseStream,
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
});

/** A service whose messages are bytes. */
export const echoService: ServiceDefinition = {
  unary: method("Unary", false, false),
  collect: method("Collect", true, false),
  repeat: method("Repeat", false, true),
  chat: method("Chat", true, true),
};

interface GrpcPod extends AsyncDisposable {
  readonly dest: Dest;
}

const limits = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };

/** A gRPC server of grpc-js as a pod; `implementation` has a handler for each method of the service. */
export const grpcPod = async (implementation: object): Promise<GrpcPod> => {
  const server = new Server(limits);
  server.addService(echoService, implementation as UntypedServiceImplementation);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return {
    dest: { key: `127.0.0.1:${port}`, host: "127.0.0.1", ports: [port] },
    [Symbol.asyncDispose]: () => Promise.resolve(server.forceShutdown()),
  };
};

/** A client of grpc-js. */
export const grpcClient = (address: string, options = {}): Client =>
  new Client(address, credentials.createInsecure(), { ...limits, ...options });

export interface UnaryAnswer {
  readonly code: number;
  readonly details: string;
  readonly value: Buffer | undefined;
  readonly trailers: Metadata;
}

/** The status a call ends with, whatever it is. */
export const statusOf = (call: EventEmitter): Promise<{ code: number; details: string }> =>
  new Promise((resolve) => {
    call.on("error", () => {});
    call.on("status", resolve);
  });

/** One unary call; a failure is an answer too. */
export const unary = (
  client: Client,
  value: Buffer,
  options: { deadline?: number } = {},
): Promise<UnaryAnswer> =>
  new Promise((resolve) => {
    let answer: Buffer | undefined;
    const call = client.makeUnaryRequest("/test.Echo/Unary", same, same, value, options, (_error, given) => {
      answer = given;
    });
    call.on("status", ({ code, details, metadata }) =>
      // The callback comes right behind it.
      setImmediate(() => resolve({ code, details, value: answer, trailers: metadata })),
    );
  });
