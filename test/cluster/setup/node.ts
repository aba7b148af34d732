import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { startComponent } from "./components.ts";
import { exec, tryExec, until } from "./exec.ts";
import { DNS_IP, enterSandbox, NODE_IP, POD_CIDR } from "./sandbox.ts";
import type { StateDir } from "./state.ts";

/** The image of each pod's first container; images/ builds it. */
const PAUSE_IMAGE = "docker.io/pilotlight-test/pause:1";

/** The part of the pods' addresses that this one node gives out. */
const NODE_POD_CIDR = "198.19.0.0/24";

/** Starts containerd; returns when it takes commands. */
export const startContainerd = async (state: StateDir): Promise<void> => {
  writeFileSync(state.at("cni", "10-bridge.conflist"), JSON.stringify(cni(state)));
  writeFileSync(state.at("containerd.toml"), containerdToml(state));
  await startComponent(state, "containerd", ["containerd", "--config", state.at("containerd.toml")]);
  await until("containerd", 60_000, async () =>
    (await tryExec([...ctr(state), "version"])).code === 0 ? true : undefined,
  );
};

/** Starts the kubelet and kube-proxy. */
export const startNode = async (state: StateDir, kubernetes: string): Promise<void> => {
  writeFileSync(state.at("kubelet.yaml"), stringify(kubelet(state)));
  await startComponent(state, "kubelet", [
    kubernetes,
    "kubelet",
    `--config=${state.at("kubelet.yaml")}`,
    `--kubeconfig=${state.kubeconfig}`,
    `--node-ip=${NODE_IP}`,
    "--hostname-override=node1",
  ]);
  writeFileSync(state.at("proxy.yaml"), stringify(proxy(state)));
  await startComponent(state, "kube-proxy", [kubernetes, "kube-proxy", `--config=${state.at("proxy.yaml")}`]);
};

/** Puts an image (docker-archive) where the kubelet finds it. */
export const importImage = async (state: StateDir, archive: string): Promise<void> => {
  await exec([...ctr(state), "--namespace=k8s.io", "images", "import", archive]);
};

const ctr = (state: StateDir): string[] => [
  ...enterSandbox(state),
  "ctr",
  `--address=${state.containerdSocket}`,
];

const cni = (state: StateDir) => ({
  cniVersion: "1.0.0",
  name: state.name,
  plugins: [
    {
      type: "bridge",
      bridge: "cni0",
      isGateway: true,
      hairpinMode: true, // a pod may reach itself through its Service
      ipam: {
        type: "host-local",
        dataDir: state.at("ipam"),
        ranges: [[{ subnet: NODE_POD_CIDR }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
});

const containerdToml = (state: StateDir): string => `version = 2
root = "${state.at("containerd", "root")}"
state = "${state.at("containerd", "state")}"
[grpc]
  address = "${state.containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${state.at("cni")}"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;

const kubelet = (state: StateDir) => ({
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  containerRuntimeEndpoint: `unix://${state.containerdSocket}`,
  cgroupDriver: "cgroupfs",
  cgroupRoot: `/${state.name}`,
  podLogsDir: state.at("podlogs"),
  clusterDNS: [DNS_IP],
  clusterDomain: "cluster.local",
  resolvConf: "",
  // It runs in namespaces of someone else's machine: no demands on swap, control groups, disks or the kernel.
  featureGates: { KubeletInUserNamespace: true },
  failCgroupV1: false,
  failSwapOn: false,
  enforceNodeAllocatable: [],
  localStorageCapacityIsolation: false,
  evictionHard: { "memory.available": "50Mi" },
  registryPullQPS: 0,
  authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
  authorization: { mode: "AlwaysAllow" },
});

const proxy = (state: StateDir) => ({
  apiVersion: "kubeproxy.config.k8s.io/v1alpha1",
  kind: "KubeProxyConfiguration",
  clientConnection: { kubeconfig: state.kubeconfig },
  mode: "iptables",
  clusterCIDR: POD_CIDR,
  hostnameOverride: "node1",
  conntrack: { maxPerCore: 0, min: 0 }, // those limits are the whole machine's
});
