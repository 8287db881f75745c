# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a cluster is owned, changed and waited for; none of these is a field of it, and every cloud has them."""

from __future__ import annotations

import dataclasses

from . import rules
from .options import Option, Rule

OWNER = "seaworthy.platform"


@dataclasses.dataclass(frozen=True)
class Marks:
    """What ownership is written on: EKS has tags, GKE labels. ``vendor`` is whose own marks are never removed.

    ``pool_key`` says of a pool that was made to replace another for which declared pool it stands; empty where
    pools are not replaced.
    """

    key: str
    noun: str
    vendor: str
    rule: Rule
    pool_key: str = ""


REPLACE = Option(
    path="replace",
    type="str",
    choices=("never", "pools"),
    default="never",
    doc=(
        "What happens where a field of a pool differs that cannot be changed on it.",
        "V(never) refuses. V(pools) makes a new pool beside it, named after it with a suffix, and then deletes the old "
        "one, whose nodes the cloud drains.",
    ),
)

FORCE = Option(
    path="upgrade.force",
    type="bool",
    default=False,
    doc=("Whether an upgrade passes readiness findings and pod disruption budgets.",),
)


def run_options(marks: Marks, more: tuple[Option, ...] = ()) -> tuple[Option, ...]:
    """Return the options of a run, with those that this cloud alone has."""
    return (
        Option(
            path="state",
            type="str",
            choices=("present", "absent"),
            default="present",
            doc=("Whether the cluster exists. V(absent) deletes its node pools, then the cluster.",),
        ),
        Option(
            path="owner",
            type="str",
            default=OWNER,
            rule=marks.rule,
            doc=(f"Value of the {marks.noun} C({marks.key}), which says what is ours.",),
        ),
        Option(
            path="adopt",
            type="str",
            choices=("same_owner", "any"),
            default="same_owner",
            doc=(
                f"V(same_owner) refuses to change what lacks our {marks.noun}. "
                f"V(any) takes it over and {marks.noun}s it.",
            ),
        ),
        Option(
            path="purge_tags",
            type="bool",
            default=True,
            doc=(
                f"Whether {marks.noun}s that are not in O(tags) are removed, where O(tags) is set; "
                f"never those of {marks.vendor}.",
            ),
        ),
        Option(
            path="purge_node_pools",
            type="bool",
            default=False,
            doc=("Whether pools of ours that are not in O(node_pools) are deleted, where O(node_pools) is set.",),
        ),
        Option(
            path="upgrade.pools",
            type="str",
            choices=("after", "manual"),
            default="after",
            doc=("V(after) rolls each pool once, after the control plane's last hop. V(manual) leaves pools alone.",),
        ),
        *more,
        *WAITING,
    )


WAITING: tuple[Option, ...] = (
    Option(
        path="wait",
        type="bool",
        default=True,
        doc=("V(false) starts what can start now and returns; the next run continues.",),
    ),
    Option(
        path="wait_timeout",
        type="int",
        default=3600,
        rule=rules.at_least(1),
        doc=("Seconds for the whole task. What runs then keeps running, and the next run resumes.",),
    ),
    Option(
        path="poll_interval",
        type="float",
        rule=rules.at_least(0.01),
        doc=("Seconds between two looks; unset, growing from one or two to 15.",),
    ),
)
