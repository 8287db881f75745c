# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Handing over: a run that takes our name and marks from the objects of a set and leaves every value as it is."""

from __future__ import annotations

import concurrent.futures

from .._common.credentials import CredentialSource
from .._common.errors import PlatformError
from . import report
from .answers import failure
from .apply import Hands, together
from .delete import labelled
from .discovery import Resource, discover
from .http import METADATA, Client
from .migrate import release, set_labels
from .objects import COLLECTION, Identity, Object, applyset_id, identity_of
from .observe import get, send_patch
from .plan import objects
from .report import Entry
from .run import Run

ATTEMPTS = 5


def released(run: Run, credentials: CredentialSource) -> Entry:
    """Let go of what carries the label of the set; return what that was."""
    client = run.client(credentials)
    try:
        with concurrent.futures.ThreadPoolExecutor(run.request.threads) as pool:
            hands = Hands(client, run.manager, pool, discover(client, pool.map))
            found = labelled(hands, run.request.name)
            if found:
                run.progress.say("plan", f"{objects(len(found))} to release")
            if found and not run.check_mode:
                with run.locked(client):
                    refused = [error for error in pool.map(lambda pair: _let_go(run, client, *pair), found) if error]
                    if refused:
                        raise together(refused, "Run the same command again; what is released stays released.")
                    run.tidy(client, True)
                run.progress.say("released", objects(len(found)), took=run.watch.total())
            return _told(run, client, [identity_of(obj) for _resource, obj in found])
    finally:
        client.close()


def _let_go(run: Run, client: Client, resource: Resource, obj: Object) -> PlatformError | None:
    """Patch one object on condition that it is as it was read; read it again where it is not."""
    marks = set_labels(applyset_id(run.request.name), COLLECTION)
    who = identity_of(obj)
    live: Object | None = obj
    for _attempt in range(ATTEMPTS):
        patch = release(live, run.manager, marks) if live is not None else []
        if not patch:
            return None
        reply = send_patch(client, resource, who, patch, run.manager)
        if reply.ok:
            return None
        if reply.status != 409:
            break
        live = get(client, resource, who, accept=METADATA)
    return failure(reply, f"{who.label}: release")


def _told(run: Run, client: Client, found: list[Identity]) -> Entry:
    result: Entry = {
        "changed": bool(found),
        "set": run.request.name,
        "state": "released",
        "summary": {"released": len(found)},
        "objects": [{"object": who.label, "action": "released"} for who in found],
        "timing": run.watch.rounded(),
        "requests": dict(client.requests),
    }
    return report.shown(result, run.redactor)
