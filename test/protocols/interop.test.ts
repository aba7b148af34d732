import { afterAll, beforeAll, expect, test } from "vitest";
import { Pilotlight, app } from "../helpers/pilotlight.ts";
import { run } from "./program.ts";
import { toolPath } from "./tools.ts";

/**
 * Every case of gRPC's interop client that needs no credentials (its `-help` lists them all), but for
 * `pick_first_unary`: it asks for a server's name that Go's interop server does not give, so that it fails with
 * nothing in between as well.
 */
const cases = [
  "empty_unary",
  "large_unary",
  "client_streaming",
  "server_streaming",
  "ping_pong",
  "empty_stream",
  "timeout_on_sleeping_server",
  "cancel_after_begin",
  "cancel_after_first_response",
  "status_code_and_message",
  "special_status_message",
  "custom_metadata",
  "unimplemented_method",
  "unimplemented_service",
  "orca_per_rpc",
  "orca_oob",
];

/** The reports that the orca cases are about come only to a client that is told to ask for them. */
const askForReports = '{"loadBalancingConfig":[{"test_backend_metrics_load_balancer":{}}]}';

let pilotlight: Pilotlight;
beforeAll(async () => {
  pilotlight = await Pilotlight.start(
    app({
      name: "interop",
      command: [toolPath("interop-server"), "-port", "$(PORT)"],
      annotations: { "autoscaling.knative.dev/max-scale": "2", "pilotlight.dev/protocol": "grpc" },
    }),
  );
});
afterAll(() => pilotlight[Symbol.asyncDispose]());

test("nothing runs before the first call", () => {
  expect(pilotlight.events.map(({ event }) => event)).toEqual(["ready"]);
});

test.each(cases)("%s", async (name) => {
  const { hostname, port } = new URL(pilotlight.url("interop"));
  const { code, output } = await run(toolPath("interop-client"), [
    `-server_host=${hostname}`,
    `-server_port=${port}`,
    `-test_case=${name}`,
    ...(name.startsWith("orca") ? [`-service_config_json=${askForReports}`] : []),
  ]);
  expect({ code, output }).toMatchObject({ code: 0 });
});

test("the first call has started the pod", () => {
  const { event } = pilotlight.events.find(({ event }) => event === "cold-start") ?? {};
  expect(event).toBe("cold-start");
});
