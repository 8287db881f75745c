# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The way back: a run that removes a set."""

from __future__ import annotations

import concurrent.futures

from .._common.credentials import CredentialSource
from . import report
from .apply import Hands
from .delete import Victim, remove
from .discovery import discover
from .http import Client
from .plan import objects
from .remove import victims
from .report import Entry
from .run import Run


def removed(run: Run, credentials: CredentialSource) -> Entry:
    """Delete what carries the label of the set and return what went and what stayed, and why."""
    client = run.client(credentials)
    try:
        with concurrent.futures.ThreadPoolExecutor(run.request.threads) as pool:
            hands = Hands(client, run.manager, pool, discover(client, pool.map))
            found = victims(hands, run.request.name)
            going = [victim for victim in found if not victim.kept]
            if going:
                run.progress.say("plan", f"{objects(len(found))}: {len(going)} to delete")
            if going and not run.check_mode:
                with run.locked(client):
                    found = remove(hands, found, run.deadline, run.progress)
                    run.tidy(client, all(not victim.kept for victim in found))
                run.progress.say("deleted", objects(len(going)), took=run.watch.total())
            return _removal(run, client, found)
    finally:
        client.close()


def _removal(run: Run, client: Client, found: list[Victim]) -> Entry:
    gone = [victim for victim in found if not victim.kept]
    kept = [victim for victim in found if victim.kept]
    result: Entry = {
        "changed": bool(gone),
        "set": run.request.name,
        "state": "absent",
        "summary": {"deleted": len(gone), "kept": len(kept)},
        "objects": [{"object": v.identity.label, "action": "deleted"} for v in gone]
        + [{"object": v.identity.label, "action": "kept", "reason": v.kept} for v in kept],
        "timing": run.watch.rounded(),
        "requests": dict(client.requests),
    }
    if run.diff:
        result["diff"] = [
            {"before": {"object": v.identity.label}, "after": {}, "before_header": v.identity.label} for v in gone
        ]
    return report.shown(result, run.redactor)
