#!/usr/bin/env bash
# Makes the archive of a release from a built program and checks its layout.
# usage: scripts/package.sh VERSION BINARY OUT [TARGET]
#   TARGET: the triple that BINARY was built for; unset = that of this machine
# The same inputs give the same bytes; SOURCE_DATE_EPOCH is the time of the files in it.
set -euo pipefail
version=${1:?the version, like 0.1.0} binary=$(realpath "${2:?the program}") out=${3:?the folder for the archives}
target=${4:-$(rustc -vV | sed -n 's/^host: //p')}
here=$(cd "$(dirname "$0")/.." && pwd)
fail() { echo "package: $*" >&2; exit 1; }

said=$("$binary" --version) || fail "$binary does not run here"
[ "$said" = "qdrant-lint $version" ] || fail "the program calls itself \"$said\", not qdrant-lint $version"
grep -q "^version = \"$version\"\$" "$here/Cargo.toml" || fail "Cargo.toml has another version than $version"
grep -Eq "^## \[($version|Unreleased)\]" "$here/CHANGELOG.md" || fail "CHANGELOG.md does not tell of $version"

suffix=
case "$target" in *-windows-*) suffix=.exe ;; esac
name=qdrant-lint-$target-v$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out" "$work/$name/completions" "$work/$name/man"
out=$(cd "$out" && pwd)
cd "$work/$name"
cp "$binary" "qdrant-lint$suffix"
chmod 755 "qdrant-lint$suffix"
cp "$here/LICENSE" "$here/README.md" "$here/CHANGELOG.md" .
"$binary" completions bash >completions/qdrant-lint.bash
"$binary" completions zsh >completions/_qdrant-lint
"$binary" completions fish >completions/qdrant-lint.fish
"$binary" completions powershell >completions/qdrant-lint.ps1
"$binary" man --dir man
python3 "$here/scripts/sbom.py" "$target" >sbom.cdx.json

cd "$work"
if tar --version | grep -q GNU; then
  tar --sort=name --mtime="@${SOURCE_DATE_EPOCH:-0}" --owner=0 --group=0 --numeric-owner -cf - "$name" | gzip -n >"$out/$name.tgz"
else
  tar -czf "$out/$name.tgz" "$name"
fi

# what readers of the archive expect: cargo-binstall, the action, krew, people
listed=$(tar -tzf "$out/$name.tgz")
for file in "qdrant-lint$suffix" LICENSE README.md CHANGELOG.md sbom.cdx.json man/qdrant-lint.1 man/qdrant-lint-check.1 \
  completions/qdrant-lint.bash completions/_qdrant-lint completions/qdrant-lint.fish completions/qdrant-lint.ps1; do
  grep -qx "$name/$file" <<<"$listed" || fail "$name.tgz has no $name/$file"
done
strangers=$(grep -v "^$name/" <<<"$listed" || true)
[ -z "$strangers" ] || fail "$name.tgz unpacks beside its folder: $strangers"
mkdir unpacked
tar -xzf "$out/$name.tgz" -C unpacked
[ "$("unpacked/$name/qdrant-lint$suffix" --version)" = "$said" ] || fail "the program in $name.tgz does not run"
grep -q '"bomFormat": "CycloneDX"' "unpacked/$name/sbom.cdx.json" || fail "sbom.cdx.json is no CycloneDX"
# as Cargo.toml tells cargo-binstall
filled() {
  sed -n "s/^$1 = \"\(.*\)\"\$/\1/p" "$here/Cargo.toml" | sed -e "s|{ repo }|REPO|; s|{ name }|qdrant-lint|g; s|{ target }|$target|g" \
    -e "s|{ version }|$version|g; s|{ archive-suffix }|.tgz|; s|{ bin }|qdrant-lint|; s|{ binary-ext }|$suffix|"
}
[ "$(filled pkg-url)" = "REPO/releases/download/v$version/$name.tgz" ] || fail "cargo-binstall looks for $(filled pkg-url)"
[ -f "unpacked/$(filled bin-dir)" ] || fail "cargo-binstall looks for $(filled bin-dir)"
echo "$out/$name.tgz"
