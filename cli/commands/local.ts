/** The options of `pilotlight local`. */
import { pino } from "pino";
import { command, UsageError } from "../command.ts";
import { runSession } from "../../local/session.ts";

const LEVELS = Object.keys(pino.levels.values);

const adminPortOf = (text: string | undefined): number => {
  const port = Number(text ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535 || text === "") {
    throw new UsageError(`--admin-port: ${JSON.stringify(text)} is not a port (0 … 65535)`);
  }
  return port;
};

export const local = command({
  summary: "run the Services of some manifests on this machine; pods are processes",
  usage: "-f FILE_OR_DIR … [--json] [--log-level LEVEL] [--admin-port PORT]",
  options: {
    filename: {
      type: "string",
      short: "f",
      multiple: true,
      value: "FILE_OR_DIR",
      help: "a manifest, or a folder of them; may be given several times",
    },
    json: { type: "boolean", help: "one JSON object per event on stdout; output of pods goes to stderr" },
    "log-level": { type: "string", value: "LEVEL", help: `${LEVELS.join(", ")} or silent (default: warn)` },
    "admin-port": {
      type: "string",
      value: "PORT",
      help: "port of /metrics and /explain (default: a free one)",
    },
  },
  details: `
Deployments, Services and the ConfigMap config-autoscaler are read; other kinds are passed over. A pod is a
process: command, args, env and workingDir (relative to the manifest) of the container, with a free port of its
own in $PORT. A Service listens on 127.0.0.1, on the port in its annotation pilotlight.dev/local-port or on a
free one. Saved manifests are applied at once. Ctrl-C ends everything; docs/local.md says more.`,
  run: async (values, operands) => {
    const named = [...(values.filename ?? []), ...operands];
    if (named.length === 0) throw new UsageError("which manifests? -f FILE_OR_DIR");
    const logLevel = values["log-level"] ?? "warn";
    if (![...LEVELS, "silent"].includes(logLevel)) {
      throw new UsageError(
        `--log-level: ${JSON.stringify(logLevel)} is none of ${LEVELS.join(", ")}, silent`,
      );
    }
    const lines = process.stdout.isTTY ? "terminal" : "lines";
    return runSession({
      named,
      output: values.json === true ? "json" : lines,
      logLevel,
      adminPort: adminPortOf(values["admin-port"]),
      env: process.env,
      outputs: { stdout: process.stdout, stderr: process.stderr },
    });
  },
});
