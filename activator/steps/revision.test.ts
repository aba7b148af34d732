import * as fc from "fast-check";
import { expect, test } from "vitest";
import { namedBy } from "./revision.ts";

const byHost = (host: string | undefined, fields: Record<string, string> = {}) =>
  namedBy({ host, field: (name) => fields[name] });

test.each([
  ["hello.shop", "shop/hello"],
  ["hello.shop:8080", "shop/hello"],
  ["HELLO.Shop.svc", "shop/hello"],
  ["hello.shop.svc.cluster.local", "shop/hello"],
  ["hello.shop.svc.cluster.local:80", "shop/hello"],
  ["hello.shop.example.com", undefined],
  ["hello", undefined],
  ["hello.", undefined],
  [".shop", undefined],
  ["", undefined],
  [undefined, undefined],
])("Host %s names %s", (host, id) => {
  expect(byHost(host)).toBe(id);
});

test("Knative's fields come before the Host, and only both of them", () => {
  const namespace = { "knative-serving-namespace": "a" };
  expect(byHost("hello.shop", { ...namespace, "knative-serving-revision": "b" })).toBe("a/b");
  expect(byHost("hello.shop", namespace)).toBe("shop/hello");
});

test("whatever the Host, a name has no dot, slash or port in its parts", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("a", ".", ":", "8", "svc", "-") }), (host) => {
      const id = byHost(host);
      if (id !== undefined) expect(id).toMatch(/^[^./]+\/[^./]+$/);
    }),
  );
});
