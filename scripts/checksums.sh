#!/usr/bin/env bash
# Writes what names the archives of a release by checksum: OUT/checksums.txt (also for action/checksums.txt) and OUT/krew.yaml.
# usage: scripts/checksums.sh VERSION OUT
set -euo pipefail
version=${1:?the version, like 0.1.0}
here=$(cd "$(dirname "$0")/.." && pwd)
cd "${2:?the folder with the archives}"
checksum() {
  if command -v sha256sum >/dev/null; then sha256sum -- "$1"; else shasum -a 256 -- "$1"; fi | cut -c1-64
}

manifest=$(sed -e '/^# scripts/d' -e "s/VERSION/$version/g" "$here/deploy/krew/qdrant-lint.yaml")
{
  echo "# SHA-256 of the archives of one release, as \`sha256sum\` prints them; scripts/checksums.sh writes these lines."
  for archive in qdrant-lint-*-v"$version".tgz; do
    [ -f "$archive" ] || { echo "checksums: there is no archive of $version in $PWD" >&2; exit 1; }
    sum=$(checksum "$archive")
    echo "$sum  $archive"
    target=${archive#qdrant-lint-}
    manifest=${manifest//"SHA256(${target%"-v$version.tgz"})"/$sum}
  done
} >checksums.txt
lacking=$(grep -o 'SHA256([^)]*)' <<<"$manifest" || true)
[ -z "$lacking" ] || { echo "checksums: no archive for" $lacking >&2; exit 1; }
printf '%s\n' "$manifest" >krew.yaml
