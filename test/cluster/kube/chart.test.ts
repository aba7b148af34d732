import { resolve } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { useCluster } from "../cluster.ts";
import { SYSTEM } from "../setup/product.ts";
import { install } from "./routing.ts";

const CHART = resolve(import.meta.dirname, "../../../charts/pilotlight");
const WHERE = ["--namespace", SYSTEM];

describe("the chart", () => {
  const cluster = useCluster();

  test("is without a fault for helm lint, as it is and with everything on", async () => {
    const everything = ["nodeAgent.enabled", "dashboards.enabled", "serviceMonitor.enabled"];
    const set = everything.flatMap((value) => ["--set", `${value}=true`]);
    for (const values of [[], set]) {
      expect(await cluster().helm("lint", "--strict", CHART, ...values)).toContain("0 chart(s) failed");
    }
  });

  test("refuses a value that does not exist, or cannot be", async () => {
    for (const [value, says] of [
      ["activator.replica=3", "replica"],
      ["activator.replicas=none", "replicas"],
      ["webhook.port=80", "port"],
    ] as const) {
      await expect(cluster().helm("template", "p", CHART, "--set", value)).rejects.toThrow(says);
    }
  });

  describe("installed", () => {
    beforeAll(() => install(cluster()));

    test("what helm template prints can be applied as it is", async () => {
      const text = await cluster().helm("template", "pilotlight", CHART, ...WHERE, "--no-hooks");
      await cluster().apply(text);
      for (const part of ["activator", "autoscaler", "webhook"]) {
        await cluster().kubectl(
          "rollout",
          "status",
          `deployment/pilotlight-${part}`,
          "-n",
          SYSTEM,
          "--timeout=120s",
        );
      }
    });

    test("helm test passes", async () => {
      expect(await cluster().helm("test", "pilotlight", ...WHERE)).toMatch(/Phase:\s+Succeeded/);
    });

    test("pods keep to the restricted Pod Security level", async () => {
      const labels = ["pod-security.kubernetes.io/enforce=restricted", "--dry-run=server", "--overwrite"];
      // The API server warns of each pod that would break it.
      const said = await cluster().kubectl(
        "label",
        "namespace",
        SYSTEM,
        ...labels,
        "-v=0",
        "--warnings-as-errors",
      );
      expect(said).toContain("labeled");
    });

    test.each([
      ["activator", ["list", "secrets"]],
      ["activator", ["patch", "services"]],
      ["activator", ["patch", "deployments"]],
      ["activator", ["create", "endpointslices"]],
      ["autoscaler", ["list", "secrets"]],
      ["autoscaler", ["create", "pods"]],
      ["autoscaler", ["patch", "deployments"]],
      ["autoscaler", ["update", "configmaps"]],
      ["webhook", ["list", "secrets"]],
      ["webhook", ["patch", "services"]],
    ])("the %s may not %j", async (part, [verb, resource]) => {
      const account = `system:serviceaccount:${SYSTEM}:pilotlight-${part}`;
      const answer = await cluster()
        .kubectl("auth", "can-i", verb!, resource!, "--all-namespaces", `--as=${account}`)
        .catch((error: Error) => error.message);
      expect(answer).toMatch(/\bno\b/);
    });
  });
});
