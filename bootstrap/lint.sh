#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that reads the code. What a tool is told to leave out stands in its own settings file, with the reason.
set -u
. bootstrap/sections.sh
PATH="$PWD/.venv/bin:$PATH"
export PATH

in_built_collection() { # documentation is judged where users read it: in the built collection
    (cd build/sanity/ansible_collections/seaworthy/platform && ANSIBLE_COLLECTIONS_PATH="$OLDPWD/build/sanity" "$@")
}
go_sources() {
    python -m bootstrap go-lint
}
yaml_files() {
    git ls-files -co --exclude-standard -z -- '*.yml' '*.yaml' .yamllint .ansible-lint | xargs -0 yamllint --strict
}

section "ruff" ruff check .
section "ruff format" ruff format --check .
section "mypy" mypy
section "yamllint" yaml_files
section "generated files" python docs/generate_fragments.py --check
section "generated fleet schema" python docs/generate_fleet.py --check
section "go vet, gofmt" go_sources
section "changelog" antsibull-changelog lint
section "ansible-lint" ansible-lint --offline --strict --project-dir .
section "ansible-test sanity" python -m bootstrap sanity
section "antsibull-docs" in_built_collection antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all .
closing lint
