/** The few messages of the container runtime interface that we use (`runtime.v1`, k8s.io/cri-api), and no more. */
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** Label that kubelet puts on each sandbox: the UID of its pod. */
const POD_UID_LABEL = "io.kubernetes.pod.uid";
const SANDBOX_READY = 0;

/** `ListPodSandboxRequest{filter{label_selector}}`: the sandboxes of one pod, ready or not. */
export const listRequest = (podUid: string): Uint8Array => {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.LengthDelimited).fork();
  writer.tag(3, WireType.LengthDelimited).fork();
  writer.tag(1, WireType.LengthDelimited).string(POD_UID_LABEL);
  writer.tag(2, WireType.LengthDelimited).string(podUid);
  writer.join().join();
  return writer.finish();
};

export interface Sandbox {
  readonly id: string;
  readonly ready: boolean;
  /** Nanoseconds since the Unix epoch. */
  readonly createdAt: bigint;
}

/** `ListPodSandboxResponse{items}`. Throws on bytes that are no such message. */
export const readSandboxes = (bytes: Uint8Array): Sandbox[] => {
  const sandboxes: Sandbox[] = [];
  eachField(new BinaryReader(bytes), (field, reader) => {
    if (field !== 1) return false;
    sandboxes.push(readSandbox(new BinaryReader(reader.bytes())));
    return true;
  });
  return sandboxes;
};

const readSandbox = (reader: BinaryReader): Sandbox => {
  const sandbox = { id: "", ready: true, createdAt: 0n };
  eachField(reader, (field) => {
    if (field === 1) sandbox.id = reader.string();
    else if (field === 3) sandbox.ready = reader.int32() === SANDBOX_READY;
    else if (field === 4) sandbox.createdAt = BigInt(reader.int64());
    else return false;
    return true;
  });
  return sandbox;
};

/** `PodSandboxStatusRequest{pod_sandbox_id}`. */
export const statusRequest = (sandboxId: string): Uint8Array =>
  new BinaryWriter().tag(1, WireType.LengthDelimited).string(sandboxId).finish();

/** The addresses in `PodSandboxStatusResponse{status{network{ip, additional_ips}}}`; none yet = empty. */
export const readAddresses = (bytes: Uint8Array): string[] => {
  const addresses: string[] = [];
  const network = (field: number, reader: BinaryReader): boolean => {
    const additional = field === 2 ? within(reader.bytes(), 1) : undefined;
    const address = field === 1 ? reader.string() : additional;
    if (address !== undefined && address !== "") addresses.push(address);
    return field === 1 || field === 2;
  };
  descend(bytes, [1, 5], network);
  return addresses;
};

/** The text of field `wanted` in a message; undefined when it is not there. */
const within = (bytes: Uint8Array, wanted: number): string | undefined => {
  let found: string | undefined;
  eachField(new BinaryReader(bytes), (field, reader) => {
    if (field !== wanted) return false;
    found = reader.string();
    return true;
  });
  return found;
};

type Visit = (field: number, reader: BinaryReader) => boolean;

/** Visits the fields of the message at the end of `path`. */
const descend = (bytes: Uint8Array, path: readonly number[], visit: Visit): void => {
  const [next, ...rest] = path;
  eachField(new BinaryReader(bytes), (field, reader) => {
    if (next === undefined) return visit(field, reader);
    if (field !== next) return false;
    descend(reader.bytes(), rest, visit);
    return true;
  });
};

/** Calls `visit` at each field; one that it does not read (false) is skipped. */
const eachField = (reader: BinaryReader, visit: Visit): void => {
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (!visit(field, reader)) reader.skip(type, field);
  }
};
