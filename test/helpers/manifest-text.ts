/** Manifests as text, small enough that a test can name their lines. */
export const service = (
  name: string,
  more: { annotations?: string; spec?: string; app?: string } = {},
): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, annotations: { ${more.annotations ?? ""} } }
spec:
  selector: { app: ${more.app ?? name} }
  ${more.spec ?? "ports: [{ port: 80 }]"}
`;
export const deployment = (name: string, container = "command: [node]", spec = ""): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  selector: { matchLabels: { app: ${name} } }
  ${spec}
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      containers:
        - name: app
          ${container}
`;
export const scaled = 'autoscaling.knative.dev/target: "5"';
export const documents = (...texts: string[]): string => texts.join("---");
