/** Tells the API server which authority to trust when it calls a webhook. */
import { isConflict, isNotFound } from "./api-error.ts";
import type { KubeClient } from "./client.ts";
import type { KubeObject } from "./objects.ts";
import type { Resource } from "./resources.ts";

const kind = (plural: string): Resource => ({ base: "/apis/admissionregistration.k8s.io/v1", plural });

const kinds = {
  mutating: kind("mutatingwebhookconfigurations"),
  validating: kind("validatingwebhookconfigurations"),
} as const;

/** One webhook configuration of the cluster. */
export interface WebhookConfigurationName {
  readonly kind: keyof typeof kinds;
  readonly name: string;
}

interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly { readonly clientConfig: { readonly caBundle?: string } }[];
}

/** Whoever else writes the object (helm, another replica) is given way so many times. */
const ATTEMPTS = 5;

/**
 * Tells the API server which authority to trust when it calls the webhooks of `names`: `caBundle` is PEM, one
 * certificate or more. Writes only what differs, based on what was read; a configuration that does not exist
 * is passed over, since then nobody calls. Rejects with an `ApiError`.
 */
export const publishTrust = async (
  client: KubeClient,
  names: readonly WebhookConfigurationName[],
  caBundle: string,
): Promise<void> => {
  const encoded = Buffer.from(caBundle).toString("base64");
  await Promise.all(names.map((name) => publishOne(client, name, encoded)));
};

const publishOne = async (
  client: KubeClient,
  { kind, name }: WebhookConfigurationName,
  encoded: string,
): Promise<void> => {
  const path = `${kinds[kind].base}/${kinds[kind].plural}/${encodeURIComponent(name)}`;
  for (let attempt = 1; ; attempt++) {
    try {
      const found = await client.call<WebhookConfiguration>({ method: "GET", path });
      const changes = changesOf(found, encoded);
      if (changes.length === 0) return;
      const version = found.metadata.resourceVersion;
      const guard = { op: "replace", path: "/metadata/resourceVersion", value: version };
      await client.call({ method: "PATCH", path, patch: "json", body: [guard, ...changes] });
      return;
    } catch (error) {
      if (isNotFound(error)) return;
      if (!isConflict(error) || attempt >= ATTEMPTS) throw error;
    }
  }
};

const changesOf = ({ webhooks = [] }: WebhookConfiguration, encoded: string) =>
  webhooks.flatMap(({ clientConfig }, i) =>
    clientConfig.caBundle === encoded
      ? []
      : [{ op: "add", path: `/webhooks/${i}/clientConfig/caBundle`, value: encoded }],
  );
