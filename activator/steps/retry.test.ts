import { expect, test } from "vitest";
import { PodFailure } from "../forward/engine.ts";
import type { RequestBody } from "../inbound.ts";
import { mayTryAgain } from "./retry.ts";

const failure = (code: "pod_refused" | "pod_reset" | "pod_bad_response", sent: boolean, reused: boolean) =>
  new PodFailure(code, { sent, reused }, new Error("x"));
const refused = failure("pod_refused", false, false);
const aged = failure("pod_reset", true, true);
const died = failure("pod_reset", true, false);
const garbled = failure("pod_bad_response", true, true);

const get = { started: false, method: "GET", body: undefined, upgrade: undefined };
const body = {} as RequestBody;

test.each([
  ["nothing was sent", get, [refused], true],
  ["nothing of a POST was sent", { ...get, method: "POST", body }, [refused], true],
  ["nothing of an upgrade was sent", { ...get, upgrade: "websocket" }, [refused], true],
  ["a used connection died", get, [aged], true],
  ["a used connection died, again", get, [aged, aged], true],
  ["a fresh connection died", get, [died], true],
  ["two fresh connections died", get, [died, died], false],
  ["a used one died after two fresh ones", get, [died, aged], true],
  ["a used connection died under a DELETE", { ...get, method: "DELETE" }, [aged], true],
  ["a used connection died under a POST", { ...get, method: "POST" }, [aged], false],
  ["a used connection died under a PATCH", { ...get, method: "PATCH" }, [aged], false],
  ["a used connection died under a PUT with a body", { ...get, method: "PUT", body }, [aged], false],
  ["a used connection died under an upgrade", { ...get, upgrade: "x" }, [aged], false],
  ["the answer was no HTTP", get, [garbled], false],
  ["the answer had begun", { ...get, started: true }, [aged], false],
  ["two used connections died, and then the pod refused", get, [aged, aged, refused], true],
  ["many used connections died", get, [aged, aged, aged, aged, aged], true],
  ["three tries besides used connections", get, [refused, aged, refused, refused], false],
  ["it was the last try", get, [refused, refused, refused], false],
])("%s", (_, inbound, failures, again) => {
  expect(mayTryAgain(inbound, failures, 3)).toBe(again);
});
