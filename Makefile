# SPDX-License-Identifier: GPL-3.0-or-later
# A fresh machine needs make, git and some Python >= 3.11 (also one that only pyenv knows); each target brings the rest.
# Paths are relative on purpose: a checkout may lie anywhere, also in a folder with spaces in its name.

SHELL := /bin/sh
.SHELLFLAGS := -eu -c
.DEFAULT_GOAL := help
.PHONY: help setup environment demo destroy-demo down test prove lint bench crds controlplane crew cores generate collection requirements clean

export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/build/collections
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export DRYDOCK_BIN_DIR ?= $(CURDIR)/build/bin
# ansible-core 2.16 to 2.21 refuse to start in a locale that is not UTF-8.
export LC_ALL ?= C.UTF-8

PY := .venv/bin/python
STATE ?= build/drydock
WORKERS ?= 2
CLOUD ?= all
# What runs before .venv exists runs on the interpreter that bootstrap/find_python.sh finds.
BOOTSTRAP = python="$$({ [ -z "$${PYTHON:-}" ] && $(PY) -c "import sys; print(sys.executable)" 2>/dev/null; } || sh bootstrap/find_python.sh)"; "$$python" -m bootstrap

help: ## list the targets
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## /  make \1\t/p' Makefile | awk -F '\t' '{printf "%-22s %s\n", $$1, $$2}'

setup: ## interpreter, .venv, Go toolchain, control plane, crew and CRDs; everything else does this first
	@$(BOOTSTRAP) environment controlplane crew crds

environment:
	@$(BOOTSTRAP) environment

demo: setup ## empty accounts to a platform on drydock, twice; shows what was made and how to look at it (CLOUD=eks: that one)
	@$(PY) -m bootstrap.demo up --state "$(STATE)" --cloud "$(CLOUD)"

destroy-demo: setup ## delete the demo's clusters and what they stand on; the accounts are then as they were before
	@$(PY) -m bootstrap.demo destroy --state "$(STATE)" --cloud "$(CLOUD)"

down: ## stop the demo and remove it without a trace
	@if [ -d "$(STATE)" ]; then $(BOOTSTRAP) environment; $(PY) -m bootstrap.demo down --state "$(STATE)"; fi

test: setup ## unit, twin, integration, Molecule and Go tests
	@sh bootstrap/test.sh "$(WORKERS)"

prove: setup cores ## what takes minutes: killed runs, each cloud from empty to platform, rule mutation, older cores
	@sh bootstrap/prove.sh "$(WORKERS)"

lint: environment crds ## everything that reads the code: types, style, docs, ansible-test sanity
	@sh bootstrap/lint.sh

bench: setup ## ratios against peers in one run: a table, and build/bench.json
	@$(PY) -m tests.bench

controlplane: environment ## build/bin/drydock-controlplane and kubectl, from Go modules or the cache
	@$(PY) -m bootstrap controlplane

crew: environment ## the real controllers that drydock runs, and promtool, in build/bin
	@$(PY) -m bootstrap crew

crds: environment ## roles/*/files/crds, compiled from the pinned Go types
	@$(PY) -m bootstrap crds

cores: environment ## an environment for each older ansible-core, in build/cores
	@$(PY) -m bootstrap cores

generate: environment ## write option documentation and fleet schema anew from their tables
	@$(PY) docs/generate_fragments.py
	@$(PY) docs/generate_fleet.py

collection: environment crds ## build/collection/seaworthy-platform-<version>.tar.gz
	@$(PY) -m bootstrap collection

requirements: environment ## resolve and hash requirements/*.txt anew
	@$(PY) -m bootstrap requirements

clean: down ## remove everything that make has made in this checkout (not the caches)
	@rm -rf build .venv .ruff_cache .mypy_cache .pytest_cache .hypothesis roles/*/files/crds
