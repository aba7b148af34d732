{{/* Webhook configurations are cluster-wide; the webhook is told their name. */}}
{{- define "pilotlight.webhook.configuration" -}}
{{- include "pilotlight.clusterName" (dict "root" . "part" "webhook") -}}
{{- end -}}

{{- define "pilotlight.webhook.name" -}}
{{- include "pilotlight.part" (dict "root" . "part" "webhook") -}}
{{- end -}}

{{- define "pilotlight.webhook.annotations" -}}
{{- if .Values.webhook.certManager.enabled }}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "pilotlight.webhook.name" . }}
{{- end }}
{{- end -}}

{{/* What the API server calls; the caBundle is written by the webhook itself, or by cert-manager. */}}
{{- define "pilotlight.webhook.client" -}}
admissionReviewVersions: [v1]
sideEffects: None
timeoutSeconds: 5
matchPolicy: Equivalent
clientConfig:
  service:
    name: {{ include "pilotlight.webhook.name" .root }}
    namespace: {{ .root.Release.Namespace }}
    path: {{ .path }}
    port: 443
{{- end -}}

{{/* Whatever else happens, kube-system and our own namespace never wait for us. */}}
{{- define "pilotlight.webhook.namespaces" -}}
namespaceSelector:
  matchExpressions:
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: [kube-system, {{ .Release.Namespace }}]
{{- end -}}

{{/*
Decided in the API server, so that no other Service ever waits for a webhook. "switched-on" also holds for an
update that takes the last annotation off, for then the selector has to return.
*/}}
{{- define "pilotlight.webhook.serviceConditions" -}}
matchConditions:
  - name: asks-for-pilotlight
    expression: >-
      [object, oldObject].exists(service, service != null && has(service.metadata.annotations) &&
      service.metadata.annotations.exists(key,
      key.startsWith('autoscaling.knative.dev/') || key.startsWith('pilotlight.dev/')))
  - name: not-made-by-knative-or-pilotlight
    expression: >-
      object == null || !has(object.metadata.labels) ||
      !object.metadata.labels.exists(key,
      key in ['networking.internal.knative.dev/serverlessservice', 'pilotlight.dev/service'])
  - name: not-written-by-pilotlight
    expression: >-
      !request.userInfo.username.startsWith('system:serviceaccount:{{ .Release.Namespace }}:')
{{- end -}}
