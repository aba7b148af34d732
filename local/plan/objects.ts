/** Sorts documents by kind; passes over what means nothing here. */
import type * as z from "zod/mini";
import { locate, type ManifestDocument } from "#core/manifest/documents.ts";
import {
  configMapSchema,
  deploymentSchema,
  headOf,
  readObject,
  serviceSchema,
  type ConfigMap,
  type Deployment,
  type Service,
} from "#core/manifest/objects.ts";
import type { FieldPath, Problem } from "#core/manifest/problem.ts";

/** An object with the document it came from, for messages. */
export interface Placed<T> {
  /** `Service default/hello` */
  readonly object: string;
  /** `default/hello` */
  readonly id: string;
  readonly value: T;
  readonly document: ManifestDocument;
}

/** Something in the manifests that does not run here, and why. */
export interface PassedOver {
  readonly file: string;
  readonly document: number;
  readonly object: string;
  readonly why: string;
}

export interface Objects {
  readonly services: readonly Placed<Service>[];
  readonly deployments: readonly Placed<Deployment>[];
  readonly configs: readonly Placed<ConfigMap>[];
  readonly passedOver: readonly PassedOver[];
  readonly problems: readonly Problem[];
}

const CONFIG_NAME = "config-autoscaler";

/** A problem of an object at a field of it. */
export const problemAt = (
  { object, document }: Placed<unknown>,
  path: FieldPath,
  message: string,
  remedy: string,
): Problem => locate(document, { object, path, message, remedy });

/** Sorts documents by kind and reads those that mean something here. */
export const readObjects = (documents: readonly ManifestDocument[]): Objects => {
  const problems: Problem[] = [];
  const passedOver: PassedOver[] = [];
  const services: Placed<Service>[] = [];
  const deployments: Placed<Deployment>[] = [];
  const configs: Placed<ConfigMap>[] = [];
  const seen = new Map<string, ManifestDocument>();
  for (const document of documents) {
    const head = headOf(document.value);
    if (head === undefined) {
      problems.push(notAnObject(document));
      continue;
    }
    const first = seen.get(head.object);
    if (first !== undefined) problems.push(twice(document, head.object, first));
    seen.set(head.object, document);
    const add = <T extends z.ZodMiniType<{ metadata: { namespace: string; name: string } }>>(
      schema: T,
      list: Placed<z.output<T>>[],
    ): void => {
      const draft = readObject(schema, document.value, head.object);
      if (!draft.ok) problems.push(...draft.problems.map((problem) => locate(document, problem)));
      else list.push({ object: head.object, id: idOf(draft.value.metadata), value: draft.value, document });
    };
    if (head.kind === "Service" && head.apiVersion === "v1") add(serviceSchema, services);
    else if (head.kind === "Deployment" && head.apiVersion === "apps/v1") add(deploymentSchema, deployments);
    else if (head.object.startsWith("ConfigMap ") && head.object.endsWith(`/${CONFIG_NAME}`)) {
      add(configMapSchema, configs);
    } else passedOver.push(pass(document, head));
  }
  return { services, deployments, configs, passedOver, problems };
};

const idOf = ({ namespace, name }: { namespace: string; name: string }): string => `${namespace}/${name}`;

const pass = (
  document: ManifestDocument,
  { kind, apiVersion, object }: { kind: string; apiVersion: string; object: string },
): PassedOver => ({
  file: document.file,
  document: document.index,
  object,
  why:
    kind === "ConfigMap"
      ? `of ConfigMaps only ${CONFIG_NAME} means something here`
      : `${apiVersion} ${kind} does not run here`,
});

const notAnObject = (document: ManifestDocument): Problem =>
  locate(document, {
    object: "",
    path: [],
    message: "not a Kubernetes object: it has no apiVersion and kind",
    remedy: "write apiVersion and kind, or take the file out of the folder",
  });

const twice = (document: ManifestDocument, object: string, first: ManifestDocument): Problem =>
  locate(document, {
    object,
    path: ["metadata", "name"],
    message: `is written twice; first in ${first.file}, document ${first.index}`,
    remedy: "give one of them another name, or take it out",
  });
