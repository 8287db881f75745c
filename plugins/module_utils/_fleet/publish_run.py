# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What module ``fleet_publish`` does: options in, a result out."""

from __future__ import annotations

import pathlib
import typing as t

from .._common.argspec import ArgumentSpec
from .compile import compile_cluster
from .git import Access
from .publish import Push, Pushed, publish, source_of
from .run import FLEET_CHECK, checked

Params = t.Mapping[str, t.Any]
SHOWN = 50
"""Files whose difference is shown; a first rendering has thousands."""

FLEET_PUBLISH = FLEET_CHECK.merged(
    ArgumentSpec(
        {
            "repository": {"type": "str"},
            "branch": {"type": "str"},
            "username": {"type": "str", "default": "git"},
            "token": {"type": "str", "no_log": True},
            "deploy_key_file": {"type": "path", "no_log": False},
            "known_hosts_file": {"type": "path"},
            "ca_file": {"type": "path"},
            "author": {"type": "str", "default": "Seaworthy platform <platform@localhost>"},
            "timeout": {"type": "int", "default": 300},
        }
    )
)


def fleet_publish(params: Params, *, check_mode: bool) -> dict[str, t.Any]:
    """Check the fleet, compile it for every cluster, and push what changed by one commit."""
    fleet, estate = checked(params["path"], params["environments"], params["clusters"])
    repository = fleet.platform.repository
    access = Access(
        url=params["repository"] or repository["url"],
        username=params["username"],
        token=params["token"] or "",
        key_file=params["deploy_key_file"] or "",
        host_keys_file=params["known_hosts_file"] or "",
        ca_file=params["ca_file"] or "",
    )
    push = Push(
        access=access,
        branch=params["branch"] or repository["branch"],
        author=params["author"],
        compiled=tuple(compile_cluster(fleet, cluster) for cluster in estate.clusters),
        engine=fleet.platform.engine,
        source=source_of(pathlib.Path(params["path"]), params["timeout"]),
        timeout=params["timeout"],
    )
    return result_of(push, publish(push, check_mode=check_mode))


def result_of(push: Push, found: Pushed) -> dict[str, t.Any]:
    change = found.change
    told = {
        "changed": bool(change),
        "repository": push.access.shown,
        "branch": push.branch,
        "fleet_commit": push.source.commit,
        "before": found.before,
        "commit": found.head,
        "message": found.message if change else "",
        "summary": {"added": len(change.added), "changed": len(change.changed), "removed": len(change.removed)},
        "diff": differences(found),
    }
    if not found.left:
        return told
    said = (
        f"{push.access.shown}: rendered/ holds {', '.join(found.left)}, which the inventory does not; it stays: "
        "remove the folder by a commit of your own if the cluster is gone"
    )
    return {**told, "clusters_left": list(found.left), "warnings": [said]}


def differences(found: Pushed) -> list[dict[str, str]]:
    writes = found.change.writes
    paths = sorted({*writes, *found.change.removed})[:SHOWN]
    return [
        {
            "before_header": path,
            "after_header": path,
            "before": found.texts.get(path, ""),
            "after": writes.get(path, ""),
        }
        for path in paths
    ]
