# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a cluster is found, owned, changed and waited for; none of these is a field of it."""

from __future__ import annotations

from . import rules
from .options import Option

OWNER = "seaworthy.platform"

AUTH_OPTIONS: tuple[Option, ...] = (
    Option(path="auth.profile", type="str", doc=("Profile of the AWS configuration files.",)),
    Option(path="auth.role_arn", type="str", rule=rules.role_arn, doc=("IAM role to assume; renewed before it ends.",)),
    Option(path="auth.external_id", type="str", doc=("External id that the role's trust policy asks for.",)),
    Option(
        path="auth.endpoint_url",
        type="str",
        rule=rules.url,
        doc=("Base URL of the AWS APIs, for private endpoints. Else C(AWS_ENDPOINT_URL), else those of AWS.",),
    ),
    Option(path="auth.ca_bundle", type="str", doc=("File of the authorities to trust. Else C(AWS_CA_BUNDLE).",)),
)

PLACE_OPTIONS: tuple[Option, ...] = (
    Option(path="name", type="str", required=True, rule=rules.cluster_name, doc=("Name of the cluster.",)),
    Option(path="region", type="str", required=True, rule=rules.region, doc=("AWS region.",)),
    Option(
        path="account",
        type="str",
        rule=rules.account,
        doc=("Account that the credentials must belong to, in quotes. If not, nothing is read or written.",),
    ),
    *AUTH_OPTIONS,
)

RUN_OPTIONS: tuple[Option, ...] = (
    *PLACE_OPTIONS,
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
        rule=rules.matches(r"[\w .:/=+@-]{1,256}", "1 to 256 letters, digits, spaces and . : / = + @ - _"),
        doc=(f"Value of the tag C({rules.OWNER_TAG}), which says what is ours.",),
    ),
    Option(
        path="adopt",
        type="str",
        choices=("same_owner", "any"),
        default="same_owner",
        doc=("V(same_owner) refuses to change what lacks our tag. V(any) takes it over and tags it.",),
    ),
    Option(
        path="purge_tags",
        type="bool",
        default=True,
        doc=("Whether tags that are not in O(tags) are removed, where O(tags) is set; never those of AWS.",),
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
    Option(
        path="upgrade.force",
        type="bool",
        default=False,
        doc=("Whether an upgrade passes readiness findings and pod disruption budgets.",),
    ),
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
        doc=("Seconds between two looks; unset, from 1 growing to 15.",),
    ),
)
