/** Finds the Deployments behind a Service. */
import { ownKeys, readOwnAnnotations } from "#core/annotations/own.ts";
import type { ScaleTarget } from "#core/annotations/scale-target.ts";
import { isScaled } from "#core/manifest/revision.ts";
import type { Deployment, Service } from "#core/manifest/objects.ts";
import { accepted, refused, type Draft, type Problem } from "#core/manifest/problem.ts";
import { problemAt, type Placed } from "./objects.ts";

type Labels = Readonly<Record<string, string>>;

const matches = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

type Deployments = readonly Placed<Deployment>[];

/** The Deployments behind a Service: of one that is scaled exactly one, of any other at least one. */
export const workloadsOf = (
  service: Placed<Service>,
  deployments: Deployments,
): Draft<Deployments, Problem> => {
  const { metadata } = service.value;
  const near = deployments.filter(({ value }) => value.metadata.namespace === metadata.namespace);
  const { scaleTarget } = readOwnAnnotations(metadata.annotations).settings;
  return scaleTarget !== undefined && isScaled(service.value)
    ? byName(service, near, scaleTarget)
    : bySelector(service, near);
};

const byName = (
  service: Placed<Service>,
  near: Deployments,
  { apiVersion, kind, name }: ScaleTarget,
): Draft<Deployments, Problem> => {
  const named = near.filter(({ value }) => value.metadata.name === name);
  if (named.length > 0 && apiVersion === "apps/v1" && kind === "Deployment") return accepted(named);
  return refused([
    problemAt(
      service,
      ["metadata", "annotations", ownKeys.scaleTarget],
      `there is no ${apiVersion}/${kind}/${name} that could run here in the Service's namespace`,
      "name a Deployment of these manifests: apps/v1/Deployment/NAME",
    ),
  ]);
};

const bySelector = (service: Placed<Service>, near: Deployments): Draft<Deployments, Problem> => {
  const { selector } = service.value.spec;
  const refuse = (message: string, remedy: string) =>
    refused([problemAt(service, ["spec", "selector"], message, remedy)]);
  if (Object.keys(selector).length === 0) {
    return refuse("missing: the Service selects nothing", "write the labels of the pods");
  }
  const found = near.filter(({ value }) => matches(selector, value.spec.template.metadata.labels));
  if (found.length === 0) {
    return refuse(
      "selects nothing: no Deployment of the Service's namespace has pods with these labels",
      "write labels of a Deployment's spec.template.metadata, or add the Deployment",
    );
  }
  if (found.length === 1 || !isScaled(service.value)) return accepted(found);
  return refuse(
    `selects the pods of ${found.map(({ object }) => object).join(" and ")}; only one can be scaled`,
    `narrow the selector, or name one with the annotation ${ownKeys.scaleTarget}`,
  );
};

/** Deployments that Kubernetes itself would refuse. */
export const selectorProblems = (deployments: Deployments): Problem[] =>
  deployments
    .filter(({ value: { spec } }) => {
      const { matchLabels } = spec.selector;
      return Object.keys(matchLabels).length > 0 && !matches(matchLabels, spec.template.metadata.labels);
    })
    .map((deployment) =>
      problemAt(
        deployment,
        ["spec", "selector", "matchLabels"],
        "does not match the labels of the Deployment's own pods",
        "write the same labels under spec.template.metadata.labels",
      ),
    );
