#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Prints the path of the best Python on this machine: in the order below, on the PATH or where version managers
# and packagers keep theirs (a manager's shim answers only for versions that are switched on, so we look behind it).
# The order: first what the pinned ansible-core is tested on here, then what it also accepts, last Python 3.11,
# which gets the older core that the hashed requirement files hold for it.
#   find_python.sh [VERSION...]       e.g. find_python.sh 3.12 3.11
# PYTHON=/path/to/python overrides the search.
set -u
[ $# -gt 0 ] || set -- 3.13 3.12 3.14 3.11
home=${HOME:-/nonexistent}

# An interpreter is usable when it is of that version and can make a virtual environment that reaches an index.
usable() {
    [ -x "$1" ] && "$1" -c '
import sys
wanted = sys.argv[1]
import ensurepip, ssl, venv
sys.exit("%d.%d" % sys.version_info[:2] != wanted)' "$2" >/dev/null 2>&1
}

places() { # the files that may be Python $1, best first
    for name in "python$1" python3 python; do
        found=$(command -v "$name" 2>/dev/null) && printf '%s\n' "$found"
    done
    for folder in \
        "${PYENV_ROOT:-$home/.pyenv}"/versions/"$1".*/bin \
        "${ASDF_DATA_DIR:-$home/.asdf}"/installs/python/"$1".*/bin \
        "${MISE_DATA_DIR:-$home/.local/share/mise}"/installs/python/"$1".*/bin \
        "${UV_PYTHON_INSTALL_DIR:-$home/.local/share/uv/python}"/cpython-"$1".*/bin \
        "$home"/.local/bin "$home"/miniconda3/bin "$home"/miniforge3/bin \
        /usr/local/bin /usr/bin /opt/homebrew/bin /opt/local/bin /opt/python"$1"/bin /opt/python/"$1"*/bin \
        /usr/local/opt/python@"$1"/bin /opt/homebrew/opt/python@"$1"/bin \
        /Library/Frameworks/Python.framework/Versions/"$1"/bin; do
        printf '%s\n' "$folder/python$1"
    done
}

search() {
    for version in "$@"; do
        places "$version" | while IFS= read -r candidate; do
            usable "$candidate" "$version" && printf '%s\n' "$candidate" && break
        done | grep . && return 0
    done
    return 1
}

if [ -n "${PYTHON:-}" ]; then
    for version in "$@"; do
        usable "$PYTHON" "$version" && printf '%s\n' "$PYTHON" && exit 0
    done
    echo "PYTHON=$PYTHON is not a Python of version $* with the modules venv, ensurepip and ssl; unset it to search this machine." >&2
    exit 1
fi
search "$@" && exit 0
echo "No Python of version $* with the modules venv, ensurepip and ssl was found on the PATH, in pyenv, asdf, mise and uv folders or in the usual prefixes. Install one (Debian, Ubuntu: apt install python3 python3-venv) or name it: make PYTHON=/path/to/python3 ..." >&2
exit 1
