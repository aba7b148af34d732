/** Which ports pods and Services are given. */
import { readFileSync } from "node:fs";

/** Ports `[from, to)`. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

const PODS = 10_000;
const ROUTES = 2000;
/** Where the kernel's range begins on an ordinary Linux. */
const ORDINARY = 32_768;

/**
 * Ports of pods, below the kernel's range for outgoing connections. Above it, an outgoing connection could hold
 * a pod's port; worse, a probe of a port where nobody listens yet can be given that very port as its own and then
 * connects to itself.
 */
export const podPortRange = (): PortRange => {
  const end = firstOutgoing() - ROUTES;
  return { from: end - PODS, to: end };
};

/** Ports on which Services without a port of their own listen, apart from those of pods. */
export const routePortRange = (): PortRange => {
  const end = firstOutgoing();
  return { from: end - ROUTES, to: end };
};

const firstOutgoing = (): number => {
  try {
    const low = Number(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8").split(/\s+/)[0]);
    // A machine that gives nearly all ports to outgoing connections leaves no room below.
    return low > PODS + ROUTES + 1024 ? low : ORDINARY;
  } catch {
    return ORDINARY;
  }
};
