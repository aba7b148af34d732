import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startClient } from "../client.ts";
import { PATIENCE, useCluster } from "../cluster.ts";
import { install, untilReplicas, untilTakenOver } from "../e2e/pilotlight.ts";
import { helloDeployment, helloService } from "../objects.ts";
import { exec, tryExec, until } from "../setup/exec.ts";
import { agentValues } from "./agents.ts";
import { type AtZero, coldStart } from "./services.ts";

interface Told {
  readonly workload: string;
  readonly starts?: { readonly count: number; readonly averageMs: number };
  readonly advice: readonly { readonly code: string; readonly yaml: string }[];
}

describe("pilotlight advise", () => {
  const cluster = useCluster();
  let at: AtZero;

  beforeAll(async () => {
    await install(cluster(), ...agentValues());
    const namespace = await cluster().freeNamespace();
    at = { cluster: cluster(), namespace, client: await startClient(cluster(), namespace) };
  });
  afterAll(() => cluster().uninstall());

  const argv = (...words: string[]): string[] => [process.execPath, "cli/main.ts", "advise", ...words];
  const env = () => ({ KUBECONFIG: cluster().kubeconfig });
  const advise = async (name: string): Promise<Told> => {
    const { stdout } = await exec(argv(name, "-n", at.namespace, "--json"), { env: env() });
    return JSON.parse(stdout) as Told;
  };

  test("names the token, and the cold starts that were recorded", async () => {
    await coldStart(at, "woken");
    const told = await advise("woken");
    expect(told).toMatchObject({ workload: "deployment/woken", starts: { count: 1 } });
    expect(told.starts!.averageMs).toBeGreaterThan(0);
    expect(told.advice.map(({ code }) => code)).toEqual(["service-account-token"]);
    const { stdout } = await exec(argv(`${at.namespace}/woken`), { env: env() });
    expect(stdout).toContain("1 cold starts recorded");
    expect(stdout).toContain("spec.template.spec.automountServiceAccountToken: false");
  });

  test("its ServiceAccount may say that no token is mounted", async () => {
    const mount = (automountServiceAccountToken: boolean | null): Promise<string> => {
      const patch = JSON.stringify({ automountServiceAccountToken });
      return cluster().kubectl("patch", "sa", "default", "-n", at.namespace, "--type=merge", "-p", patch);
    };
    await mount(false);
    expect((await advise("woken")).advice).toEqual([]);
    await mount(null);
    expect((await advise("woken")).advice).toHaveLength(1);
  });

  test("its line of YAML silences it", async () => {
    const patch = JSON.stringify({ spec: { template: { spec: { automountServiceAccountToken: false } } } });
    await cluster().kubectl("patch", "deployment/woken", "-n", at.namespace, "--type=merge", "-p", patch);
    expect((await advise("woken")).advice).toEqual([]);
    await untilReplicas(cluster(), at.namespace, "woken", (n) => n === 0);
  });

  test("names what else slows a pod down", async () => {
    const container = {
      image: "docker.io/pilotlight-test/absent:1",
      imagePullPolicy: "Always",
      readinessProbe: null,
      resources: { limits: { cpu: "100m" } },
    };
    const service = helloService("slow", { annotations: { "autoscaling.knative.dev/min-scale": "0" } });
    await cluster().apply([helloDeployment("slow", { container }), service], at.namespace);
    await untilTakenOver(cluster(), at.namespace, "slow");
    const told = await until("advice", PATIENCE, () => advise("slow"));
    expect(told.starts).toBeUndefined();
    expect(told.advice.map(({ code }) => code)).toEqual([
      "service-account-token",
      "no-readiness-probe",
      "image-pull-policy",
      "image-not-present",
      "cpu-limit",
    ]);
  });

  test("a Service that is not there is said to be so", async () => {
    const { code, stderr } = await tryExec(argv("nowhere", "-n", at.namespace), { env: env() });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^pilotlight advise: .*nowhere/);
  });
});
