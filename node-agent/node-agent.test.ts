import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { Registry } from "prom-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { systemClock } from "#core/clock.ts";
import { silentLogger } from "#core/log.ts";
import { buildNodeAgent, type NodeAgent } from "./build.ts";

const ACTIVATOR = "system:serviceaccount:pilotlight:activator";

/** A container runtime with a real gRPC server on a real socket; knows the two calls that the agent makes. */
class FakeRuntime {
  readonly addresses = new Map<string, string[]>();
  calls = 0;
  readonly #server = new Server();

  async start(socket: string): Promise<void> {
    const method = (path: string) => ({
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: (value: Buffer) => value,
      requestDeserialize: (value: Buffer) => value,
      responseSerialize: (value: Buffer) => value,
      responseDeserialize: (value: Buffer) => value,
    });
    this.#server.addService(
      {
        list: method("/runtime.v1.RuntimeService/ListPodSandbox"),
        status: method("/runtime.v1.RuntimeService/PodSandboxStatus"),
      },
      {
        list: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) => {
          this.calls++;
          done(null, Buffer.from(this.#list(uidIn(call.request))));
        },
        status: (call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>) =>
          done(null, Buffer.from(this.#status(textIn(call.request, [1])))),
      },
    );
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      );
    });
  }

  stop(): void {
    this.#server.forceShutdown();
  }

  /** An old sandbox that is not ready, and the present one. */
  #list(uid: string): Uint8Array {
    const writer = new BinaryWriter();
    if (!this.addresses.has(uid)) return writer.finish();
    for (const [id, state, created] of [
      [`${uid}-old`, 1, 1n],
      [`${uid}-new`, 0, 2n],
    ] as const) {
      writer.tag(1, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(id);
      writer.tag(3, WireType.Varint).int32(state);
      writer.tag(4, WireType.Varint).int64(created);
      writer.tag(9, WireType.LengthDelimited).string("a field we do not know");
      writer.join();
    }
    return writer.finish();
  }

  #status(id: string): Uint8Array {
    const [ip = "", ...more] = this.addresses.get(id.replace(/-new$/, "")) ?? [];
    const writer = new BinaryWriter();
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(id);
    writer.tag(5, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.LengthDelimited).string(ip);
    for (const address of more) {
      writer.tag(2, WireType.LengthDelimited).fork();
      writer.tag(1, WireType.LengthDelimited).string(address);
      writer.join();
    }
    writer.join().join();
    return writer.finish();
  }
}

/** The text at the end of a path of field numbers. */
const textIn = (bytes: Uint8Array, [next, ...rest]: readonly number[]): string => {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (field !== next) reader.skip(type, field);
    else return rest.length === 0 ? reader.string() : textIn(reader.bytes(), rest);
  }
  return "";
};

const uidIn = (request: Uint8Array): string => {
  expect(textIn(request, [1, 3, 1])).toBe("io.kubernetes.pod.uid");
  return textIn(request, [1, 3, 2]);
};

let folder: string;
let runtime: FakeRuntime;
let agent: NodeAgent;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "pilotlight-agent-"));
  const socket = join(folder, "runtime.sock");
  runtime = new FakeRuntime();
  await runtime.start(socket);
  agent = buildNodeAgent({
    clock: systemClock,
    log: silentLogger,
    registry: new Registry(),
    config: {
      host: "127.0.0.1",
      port: 0,
      adminPort: 0,
      socket,
      audience: "agent",
      allowed: new Set([ACTIVATOR]),
    },
    reviewer: {
      review: (token) =>
        Promise.resolve({ good: ACTIVATOR, other: "system:serviceaccount:default:x" }[token]),
    },
  });
  await agent.start();
});

afterEach(async () => {
  await agent.stop(AbortSignal.abort());
  runtime.stop();
  rmSync(folder, { recursive: true });
});

const ask = (path: string, token = "good"): Promise<Response> =>
  fetch(`http://127.0.0.1:${agent.port}${path}`, { headers: { authorization: `Bearer ${token}` } });

test("an address is told as soon as the runtime knows it, with further ones of a second family", async () => {
  const answer = ask("/v1/pods/uid-1/addresses?wait=20000");
  while (runtime.calls < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  runtime.addresses.set("uid-1", ["10.0.0.9", "fd00::9"]);
  expect(await (await answer).json()).toEqual({ ips: ["10.0.0.9", "fd00::9"] });
});

test("nothing found in time is 204, and the runtime is left alone afterwards", async () => {
  expect((await ask("/v1/pods/uid-2/addresses?wait=30")).status).toBe(204);
  const { calls } = runtime;
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(runtime.calls).toBeLessThanOrEqual(calls + 1);
});

test.each([
  ["no valid token", "/v1/pods/uid/addresses", "bad", 401],
  ["somebody else's token", "/v1/pods/uid/addresses", "other", 403],
  ["a question it does not know", "/v1/containers", "good", 404],
  ["a UID that is none", "/v1/pods/..%2f..%2fetc/addresses", "good", 404],
  ["hello", "/v1/hello", "good", 200],
])("%s", async (_, path, token, status) => {
  expect((await ask(path, token)).status).toBe(status);
});

test("more questions than the limit get 429 and do not reach the runtime", async () => {
  const seen = new Set<number>();
  const asker = async (): Promise<void> => {
    for (let i = 0; i < 200 && !seen.has(429); i++) seen.add((await ask("/v1/hello", "bad")).status);
  };
  await Promise.all(Array.from({ length: 50 }, asker));
  expect([...seen].toSorted((a, b) => a - b)).toEqual([401, 429]);
  expect(runtime.calls).toBe(0);
});

test("a runtime that goes away costs answers, not the agent", async () => {
  runtime.stop();
  expect((await ask("/v1/pods/uid-3/addresses?wait=300")).status).toBe(204);
  expect((await ask("/v1/hello")).status).toBe(200);
  const metrics = await (await fetch(`http://127.0.0.1:${agent.adminPort}/metrics`)).text();
  expect(Number(/pilotlight_agent_runtime_errors_total (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(0);
});
