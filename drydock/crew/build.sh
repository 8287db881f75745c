#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# build.sh OUTDIR: builds the crew, the real controllers that drydock runs for pods of our manifests, and the tools that
# judge what these read. Where the wiring is ours, one multi-call binary and a symbolic link for each name; else
# upstream's own programs. All are put in place atomically.
# Environment: GO (default: go).
set -eu

[ $# -eq 1 ] || { echo "usage: build.sh OUTDIR" >&2; exit 2; }
mkdir -p "$1"
out=$(cd "$1" && pwd)
crew=$(cd "$(dirname "$0")" && pwd)
go=${GO:-go}
export CGO_ENABLED=0 GOTOOLCHAIN="${GOTOOLCHAIN:-local}" GOFLAGS="-mod=readonly -buildvcs=false"
scratch=$(mktemp -d "$out/.crew.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '  crew            %-9s %s\n' "$@" >&2; }

progress() { # progress WHAT TOTAL
  awk -v label=crew -v what="$1" -v total="$2" -f "$crew/../go-progress.awk" >&2
}

# watched WHAT TOTAL COMMAND...: the command with its messages shown by progress, and its own exit status.
watched() {
  what=$1 total=$2
  shift 2
  { "$@" 2>&1 >&3 3>&- || echo $? >"$scratch/failed"; } 3>"$scratch/stdout" | progress "$what" "$total"
  [ ! -e "$scratch/failed" ] || { say failed "$what: the lines above say why"; exit "$(cat "$scratch/failed")"; }
}

# component FOLDER MODULE VARIABLE NAMES: VARIABLE (of MODULE) is stamped with MODULE's version from go.mod.
component() {
  folder=$1 module=$2 variable=$3 names=$4
  cd "$crew/$folder"
  [ ! -e prepare.sh ] || GO=$go sh prepare.sh
  watched "$folder" 0 "$go" list -deps .
  total=$(wc -l <"$scratch/stdout")
  version=$("$go" list -m -f '{{.Version}}' "$module")
  say building "$folder $version (4 minutes on 2 cores the first time, then seconds)"
  watched "$folder" "$total" "$go" build -v -trimpath -ldflags "-s -w -X $module/$variable=$version" -o "$scratch/$folder" .
  mv -f "$scratch/$folder" "$out/crew-$folder"
  for name in $names; do
    ln -s "crew-$folder" "$scratch/$name"
    mv -f "$scratch/$name" "$out/$name"
  done
  say built "$folder $version: $names"
}

component cert-manager github.com/cert-manager/cert-manager pkg/util.AppVersion \
  "cert-manager-controller cert-manager-webhook cert-manager-cainjector"
component envoy-gateway github.com/envoyproxy/gateway internal/cmd/version.envoyGatewayVersion envoy-gateway
component external-dns sigs.k8s.io/external-dns pkg/apis/externaldns.Version external-dns
component external-secrets github.com/external-secrets/external-secrets cmd/controller.version external-secrets
component eck github.com/elastic/cloud-on-k8s/v3 pkg/about.version elastic-operator

component argocd github.com/argoproj/argo-cd/v3 common.version "argocd redis-server"
# A script of its image that the repo server runs for every commit.
cp "$("$go" list -m -f '{{.Dir}}' github.com/argoproj/argo-cd/v3)/hack/git-verify-wrapper.sh" "$scratch/git-verify-wrapper.sh"
chmod 755 "$scratch/git-verify-wrapper.sh"
mv -f "$scratch/git-verify-wrapper.sh" "$out/git-verify-wrapper.sh"

# program FOLDER NAME PACKAGE MODULE [FLAG...]: upstream's own main package, from the version in FOLDER's go.mod.
program() {
  folder=$1 name=$2 package=$3 module=$4
  shift 4
  cd "$crew/$folder"
  started=$(date +%s)
  version=$("$go" list -m -f '{{.Version}}' "$module")
  stamp="-X github.com/prometheus/common/version.Version=${version#v}"
  watched "$name" 0 "$go" build -v -trimpath -tags "$tags" -ldflags "-s -w $stamp" "$@" -o "$scratch/$name" "$package"
  mv -f "$scratch/$name" "$out/$name"
  say built "$name $version in $(($(date +%s) - started))s"
}

# headless MODULE FILE: a go.mod in the scratch folder in which MODULE also has FILE. Released modules of Alertmanager
# embed a user interface that their sources lack; an empty page stands for it.
headless() {
  cp -R "$("$go" list -m -f '{{.Dir}}' "$1")" "$scratch/headless"
  chmod -R u+w "$scratch/headless"
  mkdir -p "$(dirname "$scratch/headless/$2")"
  echo '<!doctype html><title>no user interface here</title>' >"$scratch/headless/$2"
  cp go.mod "$scratch/headless.mod"
  cp go.sum "$scratch/headless.sum"
  "$go" mod edit -replace "$1=$scratch/headless" "$scratch/headless.mod"
}

# Of the places where Prometheus can look for targets, Kubernetes is enough, and the SDKs of a dozen clouds stay out.
tags=remove_all_sd,enable_kubernetes_sd
say building "monitoring (7 minutes on 2 cores the first time, then seconds)"
operator=github.com/prometheus-operator/prometheus-operator prometheus=github.com/prometheus/prometheus
alertmanager=github.com/prometheus/alertmanager
program monitoring promtool $prometheus/cmd/promtool $prometheus
# Their volumes are mounted at /prometheus and /alertmanager, where a program of that name would lie.
program monitoring crew-prometheus $prometheus/cmd/prometheus $prometheus
program monitoring prometheus-operator $operator/cmd/operator $operator
program monitoring prometheus-config-reloader $operator/cmd/prometheus-config-reloader $operator
program monitoring kube-state-metrics k8s.io/kube-state-metrics/v2 k8s.io/kube-state-metrics/v2
program monitoring blackbox-exporter github.com/prometheus/blackbox_exporter github.com/prometheus/blackbox_exporter
program monitoring amtool $alertmanager/cmd/amtool $alertmanager
headless $alertmanager ui/app/dist/index.html
program monitoring crew-alertmanager $alertmanager/cmd/alertmanager $alertmanager "-modfile=$scratch/headless.mod"
