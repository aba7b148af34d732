import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { deployment, documents, scaled, service } from "../../test/helpers/manifest-text.ts";
import { buildPlan } from "./build.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "pilotlight-plan-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const env = { PATH: process.env["PATH"] };
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
/** `line document object field: message` of each problem. */
const problemsOf = (text: string): string[] => {
  const plan = buildPlan([write("all.yaml", text)], env);
  return plan.ok
    ? []
    : plan.problems.map(
        ({ line, document, object, field, message }) =>
          `${line}/${document} ${[object, field].join(" ").trim()}: ${message}`,
      );
};

test.each<{ name: string; text: string; problems: string[] }>([
  {
    name: "no command",
    text: documents(service("a"), deployment("a", "image: a")),
    problems: [
      "19/2 Deployment default/a spec.template.spec.containers[0].command: missing: a pod is a process here, not a container of an image",
    ],
  },
  {
    name: "a program that is nowhere, in PATH and by path",
    text: documents(deployment("a", "command: [no-such-program]"), deployment("b", "command: [./server]")),
    problems: [
      '13/1 Deployment default/a spec.template.spec.containers[0].command[0]: there is no program "no-such-program" in PATH',
      expect.stringMatching(/^26\/2 .*command\[0\]: there is no program ".\/server" in \/.*$/) as string,
    ],
  },
  {
    name: "a folder that is not there",
    text: deployment("a", "command: [node]\n          workingDir: /app"),
    problems: [
      "14/1 Deployment default/a spec.template.spec.containers[0].workingDir: there is no folder /app",
    ],
  },
  {
    name: "values from elsewhere",
    text: deployment(
      "a",
      "command: [node]\n          env: [{ name: A, valueFrom: {} }]\n          envFrom: [{}]",
    ),
    problems: [
      "14/1 Deployment default/a spec.template.spec.containers[0].env[0].valueFrom: A takes its value from elsewhere, which is not known here",
      "15/1 Deployment default/a spec.template.spec.containers[0].envFrom: variables from ConfigMaps and Secrets are not known here",
    ],
  },
  ...[
    ["exec: { command: [a] }", "", "only httpGet and tcpSocket can be carried out here"],
    ["httpGet: { port: 80, scheme: HTTPS }", ".httpGet.scheme", "HTTPS is not probed here"],
    ["tcpSocket: { port: 80, host: a }", ".tcpSocket.host", "only the pod itself is probed here"],
    ["httpGet: { port: 81 }", ".httpGet.port", "81 is not a port that requests go to; they go to 80"],
  ].map(([probe, field, message]) => ({
    name: probe!,
    text: documents(service("a"), deployment("a", `command: [node]\n          readinessProbe: { ${probe} }`)),
    problems: [
      `21/2 Deployment default/a spec.template.spec.containers[0].readinessProbe${field}: ${message}`,
    ],
  })),
  {
    name: "two Services that scale one Deployment",
    text: documents(
      service("a", { annotations: scaled }),
      service("b", { annotations: scaled, app: "a" }),
      deployment("a"),
    ),
    problems: [
      expect.stringMatching(
        /^13\/2 Service default\/b spec.selector: scales Deployment default\/a, which Service default\/a \(.*all.yaml\) scales already$/,
      ) as string,
    ],
  },
  {
    name: "a Service that selects nothing, and one without a selector",
    text: documents(
      service("a", { app: "other" }),
      service("b").replace("selector: { app: b }", ""),
      deployment("a"),
    ),
    problems: [
      "6/1 Service default/a spec.selector: selects nothing: no Deployment of the Service's namespace has pods with these labels",
      "12/2 Service default/b spec.selector: missing: the Service selects nothing",
    ],
  },
  {
    name: "an annotated Service that selects two Deployments",
    text: documents(
      service("a", { annotations: scaled }).replace("selector: { app: a }", "selector: { tier: web }"),
      deployment("a").replaceAll("app: a }", "app: a, tier: web }"),
      deployment("b").replaceAll("app: b }", "app: b, tier: web }"),
    ),
    problems: [
      "6/1 Service default/a spec.selector: selects the pods of Deployment default/a and Deployment default/b; only one can be scaled",
    ],
  },
  {
    name: "a scale target that is not there",
    text: documents(
      service("a", { annotations: `${scaled}, pilotlight.dev/scale-target: apps/v1/StatefulSet/a` }),
      deployment("a"),
    ),
    problems: [
      '4/1 Service default/a metadata.annotations["pilotlight.dev/scale-target"]: there is no apps/v1/StatefulSet/a that could run here in the Service\'s namespace',
    ],
  },
  {
    name: "one local port for two Services",
    text: documents(
      service("a", { annotations: 'pilotlight.dev/local-port: "4000"' }),
      deployment("a"),
      service("b", { annotations: 'pilotlight.dev/local-port: "4000"' }),
      deployment("b"),
    ),
    problems: [
      expect.stringMatching(
        /^24\/3 Service default\/b metadata.annotations\["pilotlight.dev\/local-port"\]: 4000 is the port of Service default\/a \(.*\) already$/,
      ) as string,
    ],
  },
  {
    name: "bad annotations, and a ConfigMap that cannot be used",
    text: documents(
      service("a", { annotations: "autoscaling.knative.dev/window: 1s, pilotlight.dev/x: y" }),
      deployment("a"),
      "\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: config-autoscaler }\ndata: { stable-window: 1s }\n",
    ),
    problems: [
      '4/1 Service default/a metadata.annotations["autoscaling.knative.dev/window"]: expected 6s <= 1s <= 1h0m0s',
      '4/1 Service default/a metadata.annotations["pilotlight.dev/x"]: invalid key name "pilotlight.dev/x"',
      expect.stringMatching(
        /^25\/3 ConfigMap default\/config-autoscaler data.stable-window: stable-window = 1s/,
      ) as string,
    ],
  },
  {
    name: "what Kubernetes itself refuses: types, labels, names written twice",
    text: documents(
      service("a", { annotations: "autoscaling.knative.dev/min-scale: 0" }),
      deployment("b").replace("labels: { app: b }", "labels: { app: c }"),
      deployment("b"),
    ),
    problems: [
      '4/1 Service default/a metadata.annotations["autoscaling.knative.dev/min-scale"]: invalid input: expected string, received number',
      "13/2 Deployment default/b spec.selector.matchLabels: does not match the labels of the Deployment's own pods",
      expect.stringMatching(
        /^24\/3 Deployment default\/b metadata.name: is written twice; first in .*, document 2$/,
      ) as string,
    ],
  },
  {
    name: "no object",
    text: "a: 1\n",
    problems: ["1/1 : not a Kubernetes object: it has no apiVersion and kind"],
  },
  { name: "nothing to run", text: "# nothing\n", problems: ["0/0 : there is nothing to run: no Deployment"] },
])("refused: $name", ({ text, problems }) => {
  expect(problemsOf(text)).toEqual(problems);
});

test("files and folders that are not there, or hold nothing, are refused beside what else is wrong", () => {
  write("a.yaml", "a: 1\n");
  const plan = buildPlan(
    [join(folder, "a.yaml"), join(folder, "no.yaml"), join(folder, "..", "no-such")],
    env,
  );
  expect(plan.ok ? [] : plan.problems.map(({ message }) => message)).toEqual([
    "there is no such file or folder",
    "not a Kubernetes object: it has no apiVersion and kind",
    "there is no such file or folder",
  ]);
});
