import { expect, test } from "vitest";
import { podTemplateSchema, readObject, serviceSchema } from "./objects.ts";
import { protocolOf, targetPorts } from "./ports.ts";

test.each([
  { name: "", expected: "http1" },
  { name: "web", expected: "http1" },
  { name: "http", expected: "http1" },
  { name: "http-admin", expected: "http1" },
  { name: "http2", expected: "h2c" },
  { name: "h2c", expected: "h2c" },
  { name: "grpc-web", expected: "h2c" },
  { name: "tcp-postgres", expected: "tcp" },
  { name: "https", expected: "tcp" },
  { name: "grpc", appProtocol: "http", expected: "http1" },
  { name: "http", appProtocol: "kubernetes.io/h2c", expected: "h2c" },
  { name: "http", appProtocol: "kubernetes.io/ws", expected: "http1" },
  { name: "http", appProtocol: "GRPC", expected: "h2c" },
  { name: "http", appProtocol: "example.com/own", expected: "tcp" },
])("$name $appProtocol is $expected", ({ name, appProtocol, expected }) => {
  expect(protocolOf({ name, appProtocol })).toBe(expected);
});

const read = (ports: readonly object[]) => {
  const service = readObject(serviceSchema, { metadata: { name: "a" }, spec: { ports } }, "");
  const template = readObject(
    podTemplateSchema,
    {
      spec: {
        containers: [
          { name: "sidecar" },
          { name: "app", ports: [{ name: "http", containerPort: 8080 }, { containerPort: 9090 }] },
        ],
      },
    },
    "",
  );
  if (!service.ok || !template.ok) throw new Error("cannot be read");
  return targetPorts(service.value, template.value);
};

test("target ports are numbers, names of any container's ports, or the Service's own", () => {
  const ports = [{ port: 80, targetPort: "http" }, { port: 81, targetPort: 9090 }, { port: 82 }];
  expect(read(ports)).toEqual({ ok: true, value: [8080, 9090, 82] });
});

test("a name that no container has is a problem", () => {
  expect(read([{ port: 80 }, { port: 81, targetPort: "web" }])).toEqual({
    ok: false,
    problems: [
      {
        object: "Service default/a",
        path: ["spec", "ports", 1, "targetPort"],
        message: 'no container of the pod has a port named "web"',
        remedy: "write the port's number, or name the port under the container's ports",
      },
    ],
  });
});
