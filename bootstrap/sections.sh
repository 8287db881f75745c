#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# To be sourced: named sections with their durations; a failed one does not hide what the others would say.

failed=""
started=$(date +%s)

took() { # seconds since $1, as people say them
    seconds=$(($(date +%s) - $1))
    printf '%dm%02ds' $((seconds / 60)) $((seconds % 60))
}

section() { # section NAME COMMAND...
    name=$1
    shift
    printf '\n== %s\n' "$name"
    begun=$(date +%s)
    if "$@" </dev/null; then
        printf '== %s: passed (%s)\n' "$name" "$(took "$begun")"
    else
        printf '== %s: FAILED with %s (%s)\n' "$name" "$?" "$(took "$begun")"
        failed="$failed, $name"
    fi
}

closing() { # closing NAME: the last line, and the exit code
    if [ -n "$failed" ]; then
        printf '\n%s: failed: %s (%s)\n' "$1" "${failed#, }" "$(took "$started")"
        exit 1
    fi
    printf '\n%s: everything passed (%s)\n' "$1" "$(took "$started")"
}
