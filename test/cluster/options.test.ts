import { describe, expect, test } from "vitest";
import { readOptions } from "./options.ts";

describe("options of the cluster commands", () => {
  test.each<[string[], string[]]>([
    [
      ["--name", "x", "--", "get", "pods"],
      ["get", "pods"],
    ],
    [
      ["--name=x", "get", "--name", "y"],
      ["get", "--name", "y"],
    ],
    [
      ["--k3d", "--cache=/c", "-t", "RBAC"],
      ["-t", "RBAC"],
    ],
    [
      ["get", "pods"],
      ["get", "pods"],
    ],
    [["--", "--k3d"], ["--k3d"]],
    [[], []],
  ])("of %j the rest is %j", (args, rest) => {
    expect(readOptions(args, {}).rest).toEqual(rest);
  });

  test("a flag wins over the environment", () => {
    const env = { PILOTLIGHT_CLUSTER: "a", PILOTLIGHT_CACHE: "/a" };
    expect(readOptions([], env).options).toMatchObject({ name: "a", cacheDir: "/a" });
    const args = ["--name=b", "--cache=/b"];
    expect(readOptions(args, env).options).toMatchObject({ name: "b", cacheDir: "/b" });
  });

  test("where the cluster comes from", () => {
    expect(readOptions([], {}).options.kind).toBe("own");
    expect(readOptions([], { KUBECONFIG: "" }).options.kind).toBe("own");
    expect(readOptions([], { KUBECONFIG: "/k" }).options).toMatchObject({ kind: "given", kubeconfig: "/k" });
    expect(readOptions(["--k3d"], { KUBECONFIG: "/k" }).options.kind).toBe("k3d");
  });

  test.each(["A", "a b", "../a", "", "a".repeat(31)])("the name %j is refused", (name) => {
    expect(() => readOptions([`--name=${name}`], {})).toThrow(/cluster name/);
  });

  test("missing things are a failure only in CI", () => {
    expect(readOptions([], { CI: "true" }).options.ci).toBe(true);
    expect(readOptions([], { CI: "false" }).options.ci).toBe(false);
    expect(readOptions([], {}).options.ci).toBe(false);
  });
});
