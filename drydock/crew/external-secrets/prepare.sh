#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# prepare.sh: makes .upstream, the module that go.mod replaces: External Secrets as its module proxy serves it, with the
# stores and generators that our layer offers. Upstream registers some forty of them in one file; the libraries of several
# cannot be had from a module proxy. Everything else is untouched. Environment: GO (default: go).
set -eu
cd "$(dirname "$0")"
module=github.com/external-secrets/external-secrets
version=$(sed -n "s|^require $module ||p" go.mod)
[ "$(cat .upstream/.version 2>/dev/null || true)" != "$version" ] || exit 0
sum=$(sed -n "s|^$module $version h1:|h1:|p" ../../../crds/go.sum)
found=$(cd / && GOFLAGS=-mod=mod "${GO:-go}" mod download -json "$module@$version")
said() { printf '%s\n' "$found" | sed -n "s|^.*\"$1\": \"\(.*\)\".*|\1|p"; }
[ "$(said Sum)" = "$sum" ] || { echo "$module $version is not what crds/go.sum says" >&2; exit 1; }
fresh=$(mktemp -d .fresh.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
for part in go.mod go.sum apis cmd pkg; do cp -R "$(said Dir)/$part" "$fresh/"; done
chmod -R u+w "$fresh"
# keep FILE PACKAGES: of what the file imports, only these.
keep() {
  awk -v wanted="$2" '!/_ "/ { print; next } { for (n = split(wanted, names, " "); n; n--) if (index($0, names[n] "\"")) print }' \
    "$fresh/$1" >"$fresh/kept"
  mv "$fresh/kept" "$fresh/$1"
}
keep pkg/provider/register/register.go "provider/aws azure/keyvault gcp/secretmanager provider/vault provider/fake"
keep pkg/generator/register/register.go "generator/password"
echo "$version" >"$fresh/.version"
rm -rf .upstream
mv "$fresh" .upstream
trap - EXIT
