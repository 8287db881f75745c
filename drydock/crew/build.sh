#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# build.sh OUTDIR: builds the crew, the real controllers that drydock runs for pods of our manifests.
# One multi-call binary a component, and one symbolic link for each name in catalogue.json; put in place atomically.
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
component external-secrets github.com/external-secrets/external-secrets cmd/controller.version external-secrets
