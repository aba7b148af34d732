import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server as NetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, status } from "@grpc/grpc-js";
import * as fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { UnaryClient } from "./unary.ts";

/** Against a gRPC server that was not written here. */
let folder: string;
let socket: string;
let server: Server;
let client: UnaryClient;
let answer: (request: Buffer, done: sendUnaryData<Buffer>) => void;

const serve = async (): Promise<void> => {
  server = new Server({ "grpc.max_send_message_length": -1 });
  const plain = (value: Buffer): Buffer => value;
  const path = { path: "/test/call", requestStream: false, responseStream: false } as const;
  const codec = { requestSerialize: plain, requestDeserialize: plain, responseSerialize: plain };
  server.addService(
    { call: { ...path, ...codec, responseDeserialize: plain } },
    {
      call: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
        answer(call.request, done),
    },
  );
  await new Promise<void>((resolve, reject) => {
    const bound = (error: Error | null): void => (error === null ? resolve() : reject(error));
    server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), bound);
  });
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pilotlight-unary-"));
  socket = join(folder, "s");
  client = new UnaryClient({ socket, clock: systemClock, limitMs: 2000 });
  answer = (request, done) => done(null, request);
  await serve();
});

afterEach(() => {
  client.close();
  server.forceShutdown();
  rmSync(folder, { recursive: true });
});

const call = (bytes: Uint8Array = Buffer.of(1)): Promise<Uint8Array> => client.call("/test/call", bytes);

test("what is sent and what is answered arrive as they were, also many at a time", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 8 }), async (messages) => {
      const answers = await Promise.all(messages.map((message) => call(message)));
      expect(answers.map((bytes) => Buffer.from(bytes).toString("hex"))).toEqual(
        messages.map((bytes) => Buffer.from(bytes).toString("hex")),
      );
    }),
    { numRuns: 40 },
  );
});

test("another status than OK is an error with its text", async () => {
  answer = (_, done) => done({ code: status.NOT_FOUND, details: "no such sandbox" });
  await expect(call()).rejects.toThrow("status 5: no such sandbox");
  await expect(client.call("/test/other", Buffer.of())).rejects.toThrow("status 12");
});

test("an answer above a megabyte is refused", async () => {
  answer = (_, done) => done(null, Buffer.alloc(1024 * 1024 + 1));
  await expect(call()).rejects.toThrow("too large");
});

test("no answer in time is an error, and the next call goes on", async () => {
  client.close();
  client = new UnaryClient({ socket, clock: systemClock, limitMs: 200 });
  answer = () => undefined;
  await expect(call()).rejects.toThrow();
  answer = (request, done) => done(null, request);
  expect(await call()).toEqual(Buffer.of(1));
});

test("a server that went away and came back is found again", async () => {
  await call();
  server.forceShutdown();
  await expect(call()).rejects.toThrow();
  rmSync(socket, { force: true });
  await expect(call()).rejects.toThrow();
  await serve();
  expect(await call()).toEqual(Buffer.of(1));
});

test("a socket that speaks something else is an error", async () => {
  server.forceShutdown();
  rmSync(socket, { force: true });
  const other: NetServer = createServer((peer) => void peer.on("error", () => undefined).end("220 mail\r\n"));
  await new Promise<void>((resolve) => void other.listen(socket, resolve));
  await expect(call()).rejects.toThrow();
  other.close();
});
