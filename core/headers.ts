/** Header fields and user agents that Knative and Pilotlight give a meaning (`knative.md`, appendix B). */

export const NETWORK_PROBE = "K-Network-Probe";
export const NETWORK_HASH = "K-Network-Hash";
export const KUBELET_PROBE = "K-Kubelet-Probe";
export const SERVING_NAMESPACE = "Knative-Serving-Namespace";
export const SERVING_REVISION = "Knative-Serving-Revision";
export const KUBE_PROBE_AGENT = "kube-probe/";
