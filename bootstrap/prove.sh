#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#   prove.sh WORKERS: what takes minutes. Needs build/cores (`make cores`) and the built binaries.
set -u
. bootstrap/sections.sh
PATH="$PWD/.venv/bin:$PATH"
export PATH

section "control plane from outside" python -m bootstrap go-prove
section "pytest -m prove" python -m pytest -m prove -n "$1" --dist loadgroup tests
closing prove
