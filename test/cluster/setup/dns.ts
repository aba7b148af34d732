import { writeFileSync } from "node:fs";
import { startComponent } from "./components.ts";
import { DNS_IP, NODE_IP } from "./sandbox.ts";
import type { StateDir } from "./state.ts";

/**
 * CoreDNS as a process of the node, behind the Service that pods expect: up before the first pod is, and with
 * no image to build. It knows the cluster's names and no others, and caches nothing, so that a test sees a
 * Service's name as soon as the Service is there.
 */
export const startDns = async (state: StateDir, coredns: string): Promise<void> => {
  writeFileSync(state.at("Corefile"), corefile(state));
  await startComponent(state, "coredns", [coredns, "-conf", state.at("Corefile")]);
};

const corefile = (state: StateDir): string => `.:53 {
    bind ${NODE_IP}
    errors
    ready
    kubernetes cluster.local in-addr.arpa {
        kubeconfig ${state.kubeconfig}
        pods insecure
        ttl 0
    }
}
`;

const ports = [
  { name: "dns", port: 53, protocol: "UDP" },
  { name: "dns-tcp", port: 53, protocol: "TCP" },
];

/** The Service that pods' resolv.conf points to. */
export const dnsObjects = {
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "kube-dns", namespace: "kube-system" },
      spec: { clusterIP: DNS_IP, ports },
    },
    {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name: "kube-dns-node",
        namespace: "kube-system",
        labels: { "kubernetes.io/service-name": "kube-dns" },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: [NODE_IP], conditions: { ready: true } }],
      ports,
    },
  ],
};
