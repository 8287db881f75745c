# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A kubeconfig file that only its owner can read, written whole or not at all."""

from __future__ import annotations

import base64
import copy
import json
import os
import tempfile
import typing as t

from .._common.credentials import Credentials
from .._common.errors import PlatformError

Document = dict[str, t.Any]


def document(name: str, credentials: Credentials) -> Document:
    """Return the kubeconfig of one cluster, with the token in it and no program to run."""
    cluster: Document = {"server": credentials.server}
    if credentials.ca_data:
        cluster["certificate-authority-data"] = base64.b64encode(credentials.ca_data.encode()).decode()
    if credentials.tls_server_name:
        cluster["tls-server-name"] = credentials.tls_server_name
    if credentials.proxy:
        cluster["proxy-url"] = credentials.proxy
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": cluster}],
        "users": [{"name": name, "user": {"token": credentials.token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
    }


def publish(path: str, wanted: Document, check_mode: bool) -> bool:
    """Write the file and return whether it changed; a newer token alone is no change, but is written."""
    changed = _without_token(_present(path)) != _without_token(wanted)
    if not check_mode:
        _write(path, json.dumps(wanted, indent=2) + "\n")
    return changed


def _present(path: str) -> Document:
    try:
        with open(path, encoding="utf-8") as stream:
            found = json.load(stream)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _without_token(config: Document) -> Document:
    bare = copy.deepcopy(config)
    for user in bare.get("users") or ():
        user.get("user", {}).pop("token", None)
    return bare


def _write(path: str, text: str) -> None:
    """A temporary file beside the target is private from its first byte; the rename is atomic."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=".kubeconfig-", dir=os.path.dirname(path) or ".")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(temporary, path)
    except OSError as error:
        raise PlatformError(
            f"{path} could not be written: {error.strerror}.",
            kind="invalid",
            remedy="Name a file in a folder that exists and that you may write to.",
        ) from None
