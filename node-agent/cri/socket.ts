/** Where container runtimes listen, and which of these places is there. */
import { statSync } from "node:fs";

const KNOWN = [
  "/run/containerd/containerd.sock",
  "/run/crio/crio.sock",
  "/run/k3s/containerd/containerd.sock",
];

/** The runtime's socket: the one that was set, else the first known place that is a socket; throws a text with the remedy. */
export const findSocket = (
  set: string | undefined,
  isSocket: (path: string) => boolean = isSocketFile,
): string => {
  if (set !== undefined && set !== "") {
    if (isSocket(set)) return set;
    throw new Error(
      `${set} is no socket: set PILOTLIGHT_RUNTIME_SOCKET to where the container runtime listens`,
    );
  }
  const found = KNOWN.find(isSocket);
  if (found !== undefined) return found;
  throw new Error(
    `no container runtime found at ${KNOWN.join(", ")}: mount its socket and set PILOTLIGHT_RUNTIME_SOCKET`,
  );
};

const isSocketFile = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
