#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds the control plane binary: build.sh OUTPUT. Makes OUTPUT and, beside it, the link kubectl.
# A cold build compiles about two thousand packages and takes ten minutes on two cores, so it counts them aloud.
set -eu

output=${1:?usage: build.sh OUTPUT}
folder=$(cd "$(dirname "$output")" && pwd)
output=$folder/$(basename "$output")
cd "$(dirname "$0")"

export CGO_ENABLED=0
kubernetes=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
minor=${kubernetes#v1.}
minor=${minor%%.*}
stamp="-s -w"
for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    stamp="$stamp -X $package.gitVersion=$kubernetes -X $package.gitMajor=1 -X $package.gitMinor=$minor"
    stamp="$stamp -X $package.gitTreeState=clean -X $package.gitCommit=unknown"
done
stamp="$stamp -X sigs.k8s.io/kwok/pkg/consts.Version=$(go list -m -f '{{.Version}}' sigs.k8s.io/kwok)"

progress() { # progress TOTAL
    awk -v label="control plane" -v what="$kubernetes" -v total="$1" -f ../go-progress.awk
}

new=$output.$$
trap 'rm -f "$new" "$new".*' EXIT
{ go list -deps . 2>&1 >"$new.packages" || touch "$new.failed"; } | progress 0
all=$(wc -l <"$new.packages")
{ go build -v -trimpath -ldflags "$stamp" -o "$new" . 2>&1 || touch "$new.failed"; } | progress "$all"
if [ -e "$new.failed" ]; then
    echo "  control plane   the build failed; the lines above say why" >&2
    exit 1
fi
mv "$new" "$output"
ln -sf "$(basename "$output")" "$folder/kubectl"
echo "  control plane   built     $kubernetes, $(du -m "$output" | cut -f1) MB"
