import type { Revision } from "#core/revision.ts";

/** A revision with one HTTP port, a TCP probe and the default limits; `overrides` replace what a test is about. */
export const revisionOf = (overrides: Partial<Revision> = {}): Revision => ({
  id: "default/hello",
  namespace: "default",
  name: "hello",
  annotations: {},
  ports: [{ name: "http", port: 80, protocol: "http1" }],
  probe: { kind: "tcp", portIndex: 0, timeoutMs: 1000, periodMs: 1000 },
  containerConcurrency: 0,
  queueDepth: 10_000,
  timeoutMs: 300_000,
  responseStartTimeoutMs: 0,
  idleTimeoutMs: 0,
  ...overrides,
});
