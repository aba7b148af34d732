import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { startComponent, whyEnded } from "./components.ts";
import { exec, tryExec, until } from "./exec.ts";
import { enterSandbox, NODE_IP, POD_CIDR, SERVICE_CIDR } from "./sandbox.ts";
import type { StateDir } from "./state.ts";

const SERVER = `https://${NODE_IP}:6443`;

/** Runs kubectl as the cluster's administrator; throws with what it said. Returns what it printed. */
export const kubectlOf =
  (state: StateDir, kubernetes: string) =>
  async (args: readonly string[], input?: string): Promise<string> => {
    const argv = [...enterSandbox(state), kubernetes, "kubectl", `--kubeconfig=${state.kubeconfig}`, ...args];
    return (await exec(argv, input === undefined ? {} : { input })).stdout;
  };

/** Starts etcd and the API server, and writes the kubeconfig once it answers. */
export const startApiServer = async (state: StateDir, kubernetes: string): Promise<void> => {
  const pki = state.at("pki");
  mkdirSync(pki);
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(state.at("pki", "sa.key"), privateKey.export({ type: "pkcs8", format: "pem" }));
  const token = randomBytes(16).toString("hex");
  writeFileSync(state.at("pki", "tokens.csv"), `${token},admin,admin,"system:masters"\n`);
  // No fsync: this data is deleted with the cluster, and the kubelet's first writes wait for it otherwise.
  await startComponent(state, "etcd", ["etcd", "--data-dir", state.at("etcd"), "--unsafe-no-fsync=true"]);
  await startComponent(state, "kube-apiserver", [kubernetes, "kube-apiserver", ...apiServerFlags(pki)]);
  await until("the API server to be ready", 90_000, async () => {
    const ended = await whyEnded(state, "kube-apiserver");
    if (ended !== undefined) throw new Error(ended);
    return (await isReady(state, kubernetes, token)) ? true : undefined;
  });
};

const isReady = async (state: StateDir, kubernetes: string, token: string): Promise<boolean> => {
  const config = kubeconfig(state, token);
  if (config === undefined) return false;
  writeFileSync(state.kubeconfig, config, { mode: 0o600 });
  const ask = [kubernetes, "kubectl", `--kubeconfig=${state.kubeconfig}`, "get", "--raw=/readyz"];
  return (await tryExec([...enterSandbox(state), ...ask])).stdout === "ok";
};

const apiServerFlags = (pki: string): string[] => [
  "--etcd-servers=http://127.0.0.1:2379",
  `--cert-dir=${pki}`, // it signs its own certificate there
  `--advertise-address=${NODE_IP}`,
  `--bind-address=${NODE_IP}`,
  "--secure-port=6443",
  `--service-cluster-ip-range=${SERVICE_CIDR}`,
  `--service-account-key-file=${pki}/sa.key`,
  `--service-account-signing-key-file=${pki}/sa.key`,
  "--service-account-issuer=https://kubernetes.default.svc",
  `--token-auth-file=${pki}/tokens.csv`,
  "--authorization-mode=RBAC",
  "--kubelet-preferred-address-types=InternalIP", // the node's name is known to nobody
  "--allow-privileged=true",
];

/** Starts the controllers and the scheduler. */
export const startControllers = async (state: StateDir, kubernetes: string): Promise<void> => {
  const common = [`--kubeconfig=${state.kubeconfig}`, "--leader-elect=false"];
  await startComponent(state, "kube-controller-manager", [
    kubernetes,
    "kube-controller-manager",
    ...common,
    `--cluster-cidr=${POD_CIDR}`,
    "--allocate-node-cidrs=true",
    `--service-cluster-ip-range=${SERVICE_CIDR}`,
    `--service-account-private-key-file=${state.at("pki", "sa.key")}`,
    `--root-ca-file=${state.at("pki", "apiserver.crt")}`,
  ]);
  await startComponent(state, "kube-scheduler", [kubernetes, "kube-scheduler", ...common]);
};

/** `undefined` until the API server has made its certificate, which is its own authority. */
const kubeconfig = (state: StateDir, token: string): string | undefined => {
  let authority: string;
  try {
    authority = readFileSync(state.at("pki", "apiserver.crt"), "base64");
  } catch {
    return undefined;
  }
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "test", cluster: { server: SERVER, "certificate-authority-data": authority } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "test", context: { cluster: "test", user: "admin" } }],
    "current-context": "test",
  });
};
