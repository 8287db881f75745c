#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# prepare.sh: makes .upstream, the module that go.mod replaces: ExternalDNS as its module proxy serves it, with the DNS
# services that our layer offers and upstream's own for tests, and without routes of OpenShift. Upstream lists some twenty
# services in one file; the libraries of several, and OpenShift's, cannot be had from a module proxy. Everything else is
# untouched. Environment: GO (default: go).
set -eu
cd "$(dirname "$0")"
module=sigs.k8s.io/external-dns
sum=h1:+ASJ3KF7DLqHo2LsG8Qinuh2J389MS86I19i/r8ewUc=
version=$(sed -n "s|^\(require\)*[[:space:]]*$module \(v[^ ]*\)$|\2|p" go.mod)
[ "$(cat .upstream/.version 2>/dev/null || true)" != "$version" ] || exit 0
found=$(cd / && GOFLAGS=-mod=mod "${GO:-go}" mod download -json "$module@$version")
said() { printf '%s\n' "$found" | sed -n "s|^.*\"$1\": \"\(.*\)\".*|\1|p"; }
[ "$(said Sum)" = "$sum" ] || { echo "$module $version is not what prepare.sh says" >&2; exit 1; }
fresh=$(mktemp -d .fresh.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
for part in go.mod go.sum apis controller endpoint internal pkg plan provider registry source; do
  cp -R "$(said Dir)/$part" "$fresh/"
done
chmod -R u+w "$fresh"
find "$fresh" -name "*_test.go" -exec rm {} +
# Of the lines that import or call a DNS service, only these.
awk -v wanted=" aws azure google inmemory webhook " '
  match($0, /external-dns\/provider\/[a-z0-9]+"/) { name = substr($0, RSTART + 22, RLENGTH - 23) }
  match($0, /: +[a-z0-9]+\.New/) { name = substr($0, RSTART + 1, RLENGTH - 5); gsub(/ /, "", name) }
  name == "" || index(wanted, " " name " ")
  { name = "" }
' "$fresh/provider/factory/provider.go" >"$fresh/kept"
mv "$fresh/kept" "$fresh/provider/factory/provider.go"
sed -e '/^func .*OpenShift.*{$/,/^}$/d' -e '/OpenShiftRoute:$/,/buildOpenShift/d' \
  -e '/openshift\.Interface/d' -e '/openshiftClientErr error/d' -e '/openshiftOnce/d' -e '/openshift "github/d' \
  "$fresh/source/store.go" >"$fresh/kept"
mv "$fresh/kept" "$fresh/source/store.go"
rm "$fresh/source/openshift_route.go"
echo "$version" >"$fresh/.version"
rm -rf .upstream
mv "$fresh" .upstream
trap - EXIT
