#!/usr/bin/env bash
# Builds etcd and kube-apiserver from their Go modules into a folder, once, for the tests that ask a real API server.
#   scripts/apiserver.sh DIR; KUBEBUILDER_ASSETS=DIR cargo test
# The module of Kubernetes holds no staging folder: each `=> ./staging/src/k8s.io/N` becomes `=> k8s.io/N v0.X.Y`.
set -euo pipefail
out=${1:?the folder for the two programs}
version=${2:-v1.34.4}
[ -x "$out/etcd" ] && [ -x "$out/kube-apiserver" ] && { echo "$out holds both"; exit 0; }
work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
mkdir -p "$out"; out=$(cd "$out" && pwd); cd "$work"
module=$(go mod download -json "k8s.io/kubernetes@$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p')
etcd=$(awk '$1 == "go.etcd.io/etcd/client/v3" { print $2 }' "$module")
{
  echo "module example.invalid/apiserver"
  awk '/^go / || /^godebug /' "$module"
  printf 'require (\n\tgo.etcd.io/etcd/server/v3 %s\n\tk8s.io/kubernetes %s\n)\nreplace (\n' "$etcd" "$version"
  awk -v staging="v0.${version#v1.}" '/=> \.\/staging\/src\// { print "\t" $1 " => " $1 " " staging }' "$module"
  echo ")"
} > go.mod
printf 'package apiserver\n\nimport (\n\t_ "go.etcd.io/etcd/server/v3"\n\t_ "k8s.io/kubernetes/cmd/kube-apiserver/app"\n)\n' > modules.go
go mod tidy -e > tidy.log 2>&1 || { tail -5 tidy.log; exit 1; }
# without the stamp the server calls itself v0.0.0-master and clients complain
stamp=k8s.io/component-base/version
minor=${version#v1.}
go build -p 2 -trimpath -o "$out/etcd" -ldflags "-s -w" go.etcd.io/etcd/server/v3
go build -p 2 -trimpath -o "$out/kube-apiserver" \
  -ldflags "-s -w -X $stamp.gitVersion=$version -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%%.*} -X $stamp.gitTreeState=clean -X $stamp.gitCommit=none" \
  k8s.io/kubernetes/cmd/kube-apiserver
ls -l "$out"
