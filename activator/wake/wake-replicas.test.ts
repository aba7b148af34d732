import { expect, test } from "vitest";
import { revisionOf } from "../../test/helpers/revision.ts";
import { wakeReplicas } from "./wake-replicas.ts";

test.each([
  [{}, 1],
  [{ "min-scale": "0" }, 1],
  [{ "min-scale": "3" }, 3],
  [{ minScale: "3", "activation-scale": "2" }, 3],
  [{ "activation-scale": "4" }, 4],
  [{ "activation-scale": "4", "max-scale": "2" }, 2],
  [{ "activation-scale": "4", "max-scale": "0" }, 4],
  [{ "activation-scale": "many" }, 1],
])("%o wakes %i pods", (settings, want) => {
  const annotations = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`autoscaling.knative.dev/${key}`, value]),
  );
  expect(wakeReplicas(revisionOf({ annotations }))).toBe(want);
});
