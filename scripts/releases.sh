#!/usr/bin/env bash
# Writes N rendered releases for measurements: one folder each, and all of them as one stream.
# usage: scripts/releases.sh N DIR
set -euo pipefail
template=$(dirname "$0")/../testdata/bench/release.yaml
mkdir -p "$2/folders"
: > "$2/stream.yaml"
for number in $(seq -f '%05g' 1 "$1"); do
  mkdir -p "$2/folders/$number"
  sed "s/NUMBER/$number/g" "$template" > "$2/folders/$number/release.yaml"
  cat "$2/folders/$number/release.yaml" >> "$2/stream.yaml"
  echo '---' >> "$2/stream.yaml"
done
