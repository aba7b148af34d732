import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { exec, until } from "./exec.ts";
import { identify, isAlive, readRecord, writeRecord, type ProcessId, type StateDir } from "./state.ts";

/** The node's own address, and the only way from the cluster to anything: the namespace has no way out. */
export const NODE_IP = "198.18.0.10";
export const SERVICE_CIDR = "198.18.128.0/20";
export const DNS_IP = "198.18.128.10";
export const POD_CIDR = "198.19.0.0/17";

/**
 * The first process of the sandbox. It waits for ever, and a shell that waits also buries the orphans that
 * containers leave behind.
 */
const INIT = "trap '' TERM INT HUP; while :; do sleep 2147483 & wait $!; done";

/**
 * Debian's kernels have no dummy device at times, so the node's address sits on one end of a veth pair.
 *
 * A connection to a Service that kube-proxy has no rule for yet goes to the Service's own address, where nobody is,
 * and the kernel remembers that for two minutes: the next one from the same port goes there too, though the rule is
 * there by then, and has no route to host after 3 s. Dropped at the very end of its way, after kube-proxy's own
 * refusals, it is not remembered, and its repetition a second later is led to an endpoint.
 */
const PREPARE = `set -eu
mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/lock
for folder in /var/lib/kubelet /var/lib/cni; do
  mkdir -p $folder "$STATE$folder"
  mount --bind "$STATE$folder" $folder
done
resolv=$(readlink -m /etc/resolv.conf)
mkdir -p "$(dirname "$resolv")"
[ -e "$resolv" ] || : >"$resolv"
mount --bind "$STATE/resolv.conf" "$resolv"
ip link set lo up
ip link add node0 type veth peer name node1
ip link set node1 up
ip addr add ${NODE_IP}/17 dev node0
ip link set node0 up
ip route add default via ${NODE_IP} dev node0
sysctl -qw net.ipv4.ip_forward=1
iptables -w -t mangle -A POSTROUTING -d ${SERVICE_CIDR} -o node0 -j DROP
`;

const NAMESPACES = ["--mount", "--net", "--pid", "--ipc", "--uts"];

const RESOLV_CONF = `nameserver ${DNS_IP}
search default.svc.cluster.local svc.cluster.local cluster.local
options ndots:5
`;

/**
 * Makes the namespaces that the whole cluster lives in: network, processes and mounts. The kernel takes all
 * three away, with everything in them, when the holder ends: there is nothing to clean up one by one, and
 * nothing that could be forgotten. With `owner`, which must be this process, that happens at its end, even
 * when it is killed.
 */
export const openSandbox = async (state: StateDir, owner: ProcessId | undefined): Promise<void> => {
  writeFileSync(state.at("resolv.conf"), RESOLV_CONF);
  const log = openSync(state.at("log", "sandbox.log"), "a");
  const withOwner = owner === undefined ? [] : ["setpriv", "--pdeathsig", "KILL"];
  const unshare = ["unshare", ...NAMESPACES, "--fork", "--kill-child", "--mount-proc", "sh", "-c", INIT];
  const [command, ...args] = [...withOwner, ...unshare];
  const holder = spawn(command!, args, { detached: true, stdio: ["ignore", log, log], cwd: "/" });
  holder.unref();
  closeSync(log);
  if (holder.pid === undefined) throw new Error(`${command} could not be started`);
  writeRecord(state, { holder: identify(holder.pid)!, owner });
  const init = await until("the sandbox's first process", 10_000, () => initOf(state));
  await exec([...enter(init), "sh", "-c", PREPARE], { env: { STATE: state.root } });
  for (const cgroup of cgroupsOf(state.name)) mkdirSync(cgroup, { recursive: true });
};

/** The id of the first process inside, as seen from outside. */
const initOf = (state: StateDir): number | undefined => {
  const holder = readRecord(state)?.holder;
  if (holder === undefined || !isAlive(holder)) return undefined;
  try {
    const child = readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
    // Between its fork and its exec it is still called unshare, and has no /proc of its own.
    return readFileSync(`/proc/${child}/cmdline`, "utf8").startsWith("sh\0") ? Number(child) : undefined;
  } catch {
    return undefined;
  }
};

const enter = (init: number): string[] => [
  "nsenter",
  `--target=${init}`,
  ...NAMESPACES,
  `--wdns=${process.cwd()}`,
];

/** Set to the cluster's name in what runs inside already: the tests. */
export const INSIDE_VARIABLE = "PILOTLIGHT_INSIDE";

/** The words to put before a command so that it runs inside; throws when the cluster is not up. */
export const enterSandbox = (state: StateDir): string[] => {
  if (process.env[INSIDE_VARIABLE] === state.name) return [];
  const init = initOf(state);
  if (init === undefined) throw new Error(`cluster "${state.name}" is not up (npm run cluster:up)`);
  return enter(init);
};

/** Ends everything inside and deletes the cluster's folder. Does nothing when there is none. */
export const closeSandbox = async (state: StateDir): Promise<void> => {
  const init = initOf(state);
  const holder = readRecord(state)?.holder;
  if (init !== undefined) process.kill(init, "SIGKILL");
  else if (holder !== undefined && isAlive(holder)) process.kill(holder.pid, "SIGKILL");
  // The holder can bury the first process only when the kernel has ended all others.
  await until("the end of the sandbox", 30_000, () =>
    holder !== undefined && isAlive(holder) ? undefined : true,
  );
  await until("its control groups to be empty", 30_000, () =>
    cgroupsOf(state.name).every(removeCgroup) ? true : undefined,
  );
  rmSync(state.root, { recursive: true, force: true, maxRetries: 10 });
};

/**
 * The control group that the kubelet keeps its pods in, in each hierarchy. A group of its own, because two
 * kubelets in one delete each other's pods.
 */
const cgroupsOf = (name: string): string[] => {
  const root = "/sys/fs/cgroup";
  if (existsSync(join(root, "cgroup.controllers"))) return [join(root, name)];
  const hierarchies = readdirSync(root).filter((entry) => existsSync(join(root, entry, "cgroup.procs")));
  return hierarchies.map((hierarchy) => join(root, hierarchy, name));
};

/** Whether it is gone; a group can be removed only when its last process is. */
const removeCgroup = (path: string): boolean => {
  if (!existsSync(path)) return true;
  try {
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isDirectory() && !removeCgroup(join(path, entry.name))) return false;
    }
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
};
