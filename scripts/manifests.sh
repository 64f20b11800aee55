#!/usr/bin/env bash
# Writes deploy/manifests/qdrant-lint.yaml from the chart. With a file name: there instead.
set -euo pipefail
cd "$(dirname "$0")/.."
out=${1:-deploy/manifests/qdrant-lint.yaml}
{
  echo "# Made of deploy/chart by scripts/manifests.sh; needs cert-manager and the Prometheus operator."
  printf -- '---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: qdrant-lint\n  labels:\n    pod-security.kubernetes.io/enforce: restricted\n'
  helm template qdrant-lint deploy/chart --namespace qdrant-lint --values deploy/values.plain.yaml
} >"$out"
