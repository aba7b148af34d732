{{/* Names of the activator's and the autoscaler's objects: RELEASE-PART. */}}
{{- define "pilotlight.part" -}}
{{- printf "%s-%s" (.root.Release.Name | trunc 40 | trimSuffix "-") .part -}}
{{- end -}}

{{/* Cluster-wide objects carry the namespace in their name. */}}
{{- define "pilotlight.clusterName" -}}
{{- printf "%s.%s" (include "pilotlight.part" .) .root.Release.Namespace -}}
{{- end -}}

{{- define "pilotlight.selectorLabels" -}}
app.kubernetes.io/name: pilotlight
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "pilotlight.labels" -}}
{{ include "pilotlight.selectorLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "pilotlight.meta" -}}
name: {{ include "pilotlight.part" . }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "pilotlight.labels" . | nindent 2 }}
{{- end -}}

{{- define "pilotlight.image" -}}
"{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
{{- end -}}

{{/* What keeps a pod from anything it need not do. */}}
{{- define "pilotlight.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "pilotlight.podSecurity" -}}
runAsNonRoot: true
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{/* Where the pods of a part run. */}}
{{- define "pilotlight.placement" -}}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "pilotlight.selectorLabels" . | nindent 8 }}
{{- end -}}

{{/* What a pod knows of itself. */}}
{{- define "pilotlight.podEnv" -}}
- {name: POD_NAME, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
- {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
- {name: POD_IPS, valueFrom: {fieldRef: {fieldPath: status.podIPs}}}
{{- end -}}

{{- define "pilotlight.probes" -}}
readinessProbe:
  httpGet: {path: /readyz, port: admin}
  periodSeconds: 1
livenessProbe:
  httpGet: {path: /healthz, port: admin}
  periodSeconds: 10
  failureThreshold: 6
{{- end -}}

{{/* ServiceAccount, ClusterRole and Role of a part with their bindings; rules come from the caller. */}}
{{- define "pilotlight.bindings" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "pilotlight.meta" . | nindent 2 }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: {{ include "pilotlight.clusterName" . }}
  labels:
    {{- include "pilotlight.labels" . | nindent 4 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: {{ include "pilotlight.clusterName" . }}}
subjects:
  - {kind: ServiceAccount, name: {{ include "pilotlight.part" . }}, namespace: {{ .root.Release.Namespace }}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  {{- include "pilotlight.meta" . | nindent 2 }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ include "pilotlight.part" . }}}
subjects:
  - {kind: ServiceAccount, name: {{ include "pilotlight.part" . }}, namespace: {{ .root.Release.Namespace }}}
{{- end -}}

{{/* Reading and writing replicas, of the kinds that are watched and of those that the user adds. */}}
{{- define "pilotlight.scaleRules" -}}
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  verbs: [list, watch]
- apiGroups: [apps]
  resources: [deployments/scale, statefulsets/scale]
  verbs: [get, patch]
{{- range .Values.extraScaleTargets }}
- apiGroups: [{{ .apiGroup | quote }}]
  resources: [{{ .resource }}]
  verbs: [get]
- apiGroups: [{{ .apiGroup | quote }}]
  resources: [{{ .resource }}/scale]
  verbs: [get, patch]
{{- end }}
{{- end -}}
