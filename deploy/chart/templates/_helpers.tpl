{{- define "qdrant-lint.selector" -}}
app.kubernetes.io/name: qdrant-lint
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}
{{- define "qdrant-lint.labels" -}}
{{ include "qdrant-lint.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/component: admission
{{- end }}
{{- define "qdrant-lint.secret" -}}
{{ .Values.tls.existingSecret | default (printf "%s-tls" .Release.Name) }}
{{- end }}
{{- define "qdrant-lint.client" -}}
service: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}, port: 443, path: {{ .path }}}
{{- with .Values.tls.caBundle }}
caBundle: {{ . }}
{{- end }}
{{- end }}
