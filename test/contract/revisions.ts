import { expect, test } from "vitest";
import { soon, works } from "./common.ts";
import type { ContractWorld } from "./world.ts";

export const describeRevisions = (world: () => ContractWorld): void => {
  test("a Service is a revision, with its ports and limits", async () => {
    const id = await world().deploy("hello", {
      ...works,
      annotations: { ...works.annotations, "pilotlight.dev/container-concurrency": "7" },
    });
    await expect
      .poll(() => world().revisions.get(id), soon)
      .toMatchObject({
        id: "default/hello",
        namespace: "default",
        name: "hello",
        annotations: { "autoscaling.knative.dev/max-scale": "5" },
        ports: [
          { name: "http", port: 80, protocol: "http1" },
          { name: "metrics", port: 9090, protocol: "http1" },
        ],
        containerConcurrency: 7,
        queueDepth: 10_000,
        timeoutMs: 300_000,
      });
    expect(world().revisions.list()).toEqual([world().revisions.get(id)]);
    expect(world().revisions.get("default/other")).toBeUndefined();
  });

  test("its coming, its change and its going are told; a snapshot stays as it was", async () => {
    const told: (string | undefined)[] = [];
    using _ = world().revisions.subscribe((id) =>
      told.push(world().revisions.get(id)?.annotations["autoscaling.knative.dev/max-scale"]),
    );
    const id = await world().deploy("hello", works);
    await expect.poll(() => told, soon).toContain("5");
    const before = world().revisions.get(id)!;
    await world().deploy("hello", { ...works, annotations: { "autoscaling.knative.dev/max-scale": "6" } });
    await expect.poll(() => told, soon).toContain("6");
    expect(before.annotations["autoscaling.knative.dev/max-scale"]).toBe("5");
    await world().remove(id);
    await expect.poll(() => told.at(-1), soon).toBeUndefined();
    expect(told.length).toBeGreaterThan(2);
    expect(world().revisions.get(id)).toBeUndefined();
  });

  test("who no longer listens is told nothing", async () => {
    let told = 0;
    const subscription = world().revisions.subscribe(() => told++);
    subscription[Symbol.dispose]();
    const id = await world().deploy("hello", works);
    await expect.poll(() => world().revisions.get(id), soon).toBeDefined();
    expect(told).toBe(0);
  });
};
