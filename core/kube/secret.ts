/** Reads and writes one Secret, each write based on the version that was read. */
import { isConflict, isNotFound } from "./api-error.ts";
import type { KubeClient } from "./client.ts";
import type { KubeObject } from "./objects.ts";
import { pathOfAll, pathOfKey, type Resource } from "./resources.ts";

const secrets: Resource = { base: "/api/v1", plural: "secrets" };

interface Secret extends KubeObject {
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
}

type Data = Readonly<Record<string, string>>;

/** One Secret with text values. Reads and writes reject with an `ApiError`, but for what they answer. */
export interface KubeSecret {
  /** Its data, decoded, and the version that the next write is to be based on; undefined when there is none. */
  read(): Promise<{ readonly version: string; readonly data: Data } | undefined>;
  /**
   * Creates it (`version` undefined) or replaces all data of exactly that version. `conflict`: somebody else
   * wrote first; nothing was written.
   */
  write(data: Data, version: string | undefined): Promise<"written" | "conflict">;
}

export const kubeSecret = (client: KubeClient, namespace: string, name: string): KubeSecret => {
  const path = pathOfKey(secrets, `${namespace}/${name}`);
  return {
    read: async () => {
      try {
        const { metadata, data } = await client.call<Secret>({ method: "GET", path });
        return { version: metadata.resourceVersion ?? "", data: recode(data ?? {}, "base64", "utf8") };
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
    write: async (data, version) => {
      const encoded = recode(data, "utf8", "base64");
      try {
        await client.call(
          version === undefined
            ? { method: "POST", path: pathOfAll(secrets, namespace), body: newSecret(name, encoded) }
            : { method: "PATCH", path, patch: "json", body: replaceData(encoded, version) },
        );
        return "written";
      } catch (error) {
        if (isConflict(error)) return "conflict";
        throw error;
      }
    },
  };
};

const recode = (data: Data, from: BufferEncoding, to: BufferEncoding): Data =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, from).toString(to)]),
  );

const newSecret = (name: string, data: Data) => ({
  apiVersion: "v1",
  kind: "Secret",
  type: "Opaque",
  metadata: { name, labels: { "app.kubernetes.io/managed-by": "pilotlight" } },
  data,
});

/** A patch that names a resourceVersion fails with 409 on any other; labels and annotations stay. */
const replaceData = (data: Data, version: string) => [
  { op: "replace", path: "/metadata/resourceVersion", value: version },
  { op: "add", path: "/data", value: data },
];
