#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#   test.sh WORKERS: what a change must pass; what takes minutes is `make prove`.
set -u
. bootstrap/sections.sh
PATH="$PWD/.venv/bin:$PATH"
export PATH
# extensions/molecule is where Ansible's tools look, molecule/ where people do; this names the one both mean.
export MOLECULE_GLOB='molecule/*/molecule.yml'

section "go test" python -m bootstrap go-test
section "pytest" python -m pytest -m "not prove and not bench" -n "$1" --dist loadgroup tests
section "molecule" molecule test --scenario-name default
closing test
