/** Each event in words. */
import type { Millis } from "#core/clock.ts";
import { problemText } from "#core/manifest/problem.ts";
import type { ListeningService, LocalEvent } from "../events.ts";
import { exitText } from "../pod/restart.ts";

const ms = (value: Millis): string =>
  value < 10_000 ? `${Math.round(value)} ms` : `${Math.round(value / 1000)} s`;

/** One event as a person reads it; undefined for what would only be noise. */
export const eventText = (event: LocalEvent): string | undefined => {
  switch (event.event) {
    case "leftovers":
      return `ended what an earlier run had left: ${event.pids.map((pid) => `process ${pid}`).join(", ")}`;
    case "passed-over":
      return `${event.object} passed over: ${event.why} (${event.file})`;
    case "problem":
      return `${event.fatal ? "" : "not applied, what was in force stays: "}${problemText(event)}`;
    case "ready":
      return ["ready", ...event.services.flatMap(serviceLines), `  admin: ${event.admin}/metrics`].join("\n");
    case "applied":
      return "changed manifests are in force";
    case "not-watched":
      return `changes of manifests are not seen: ${event.error}`;
    case "scaled":
      return `${event.service} ${event.from} → ${event.to} pods: ${event.reason}`;
    case "scale-failed":
      return `${event.service} cannot have ${event.wanted} pods: ${event.error}`;
    case "cold-start":
      return `${event.service} woke in ${ms(event.ms)}`;
    case "stopping":
      return `${event.signal}: no new requests; running ones finish, then pods end (once more: at once)`;
    case "stopped":
      return "stopped";
    default:
      return podText(event);
  }
};

const podText = (event: Extract<LocalEvent, { readonly pod: string }>): string | undefined => {
  switch (event.event) {
    case "pod-started":
      return `pod ${event.pod} started, process ${event.pid}`;
    case "pod-ready":
      return `pod ${event.pod} ready after ${ms(event.ms)}`;
    case "pod-unready":
      return `pod ${event.pod} is not ready: ${event.detail}`;
    case "pod-exited":
      return event.restartMs === undefined
        ? undefined
        : `pod ${event.pod} ${exitText(event)}; ${restartText(event.restartMs)}`;
    case "pod-stopping":
      return undefined;
    case "pod-gone":
      return `pod ${event.pod} gone`;
  }
};

const restartText = (restartMs: Millis): string =>
  restartMs === 0 ? "starting it again" : `CrashLoopBackOff, again in ${ms(restartMs)}`;

const serviceLines = ({ namespace, name, ports, scaled }: ListeningService): string[] =>
  ports.map(({ url, name: port }) => {
    const about = [port, ...(scaled ? [] : ["not scaled: no annotation"])].filter((part) => part !== "");
    return `  ${namespace}/${name}  ${url}${about.length === 0 ? "" : `  (${about.join("; ")})`}`;
  });
