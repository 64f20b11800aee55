#!/usr/bin/env bash
# Runs the action by act, on this machine and without containers, on a folder of files: what a workflow would show.
# usage: scripts/act.sh BINARY FOLDER [INPUT=VALUE]...
set -euo pipefail
binary=$(realpath "$1") files=$(realpath "$2")
shift 2
here=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir -p "$scratch/repository/.github/workflows" "$scratch/repository/qdrant-lint"
cp -r "$files/." "$scratch/repository/"
cp -r "$here/action.yml" "$here/action" "$scratch/repository/qdrant-lint/"
{
  cat <<'WORKFLOW'
on: push
jobs:
  judge:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
      - id: qdrant
        continue-on-error: true
        uses: ./qdrant-lint
        with:
WORKFLOW
  printf "          binary: '%s'\n" "$binary"
  for input in "$@"; do printf "          %s: '%s'\n" "${input%%=*}" "${input#*=}"; done
  cat <<'WORKFLOW'
      - env:
          OUTCOME: ${{ steps.qdrant.outcome }}
          OUTPUTS: ${{ toJSON(steps.qdrant.outputs) }}
          SARIF: ${{ steps.qdrant.outputs.sarif-file }}
          SUMMARY: ${{ steps.qdrant.outputs.summary-file }}
        run: |
          cp "$SARIF" "$SUMMARY" "$RESULTS/"
          printf '%s' "$OUTPUTS" >"$RESULTS/outputs.json"
          printf '%s' "$OUTCOME" >"$RESULTS/outcome"
WORKFLOW
} >"$scratch/repository/.github/workflows/judge.yml"
cd "$scratch/repository"
git init --quiet --initial-branch main
git add .
git -c user.name=act -c user.email=act@example.com -c commit.gpgsign=false commit --quiet --allow-empty --message files
mkdir "$scratch/results"
unset DOCKER_HOST
act push --quiet=false -P ubuntu-latest=-self-hosted --action-offline-mode --env "RESULTS=$scratch/results" \
  >"$scratch/act.log" 2>&1 || { cat "$scratch/act.log"; exit 1; }
cat "$scratch/act.log"
for file in outcome outputs.json summary.md; do
  printf '\n-- %s\n' "$file"
  cat "$scratch/results/$file"
done
printf '\n-- SARIF: %s results\n' "$(grep -c '"ruleIndex"' "$scratch/results/report.sarif")"
