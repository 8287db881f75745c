# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster is meant, in whose account, and how that is reached on AWS."""

from __future__ import annotations

from .. import rules
from ..options import Option
from ..run_options import FORCE, REPLACE, Marks, run_options
from . import rules as eks_rules
from .leftovers import DELETE_ORPHANS

MARKS = Marks(
    key=eks_rules.OWNER_TAG,
    noun="tag",
    vendor="AWS",
    rule=rules.matches(r"[\w .:/=+@-]{1,256}", "1 to 256 letters, digits, spaces and . : / = + @ - _"),
    pool_key=eks_rules.POOL_TAG,
)

PURGES: tuple[Option, ...] = (
    Option(
        path="purge_access",
        type="bool",
        default=False,
        doc=("Whether access entries of ours that are not in O(access) are removed, where O(access) is set.",),
    ),
    Option(
        path="purge_addons",
        type="bool",
        default=False,
        doc=("Whether add-ons of ours that are not in O(addons) are removed, where O(addons) is set.",),
    ),
)

AUTH_OPTIONS: tuple[Option, ...] = (
    Option(path="auth.profile", type="str", doc=("Profile of the AWS configuration files.",)),
    Option(
        path="auth.role_arn",
        type="str",
        rule=eks_rules.role_arn,
        doc=("IAM role to assume; renewed before it ends.",),
    ),
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
    Option(path="name", type="str", required=True, rule=eks_rules.cluster_name, doc=("Name of the cluster.",)),
    Option(path="region", type="str", required=True, rule=eks_rules.region, doc=("AWS region.",)),
    Option(
        path="account",
        type="str",
        rule=eks_rules.account,
        doc=("Account that the credentials must belong to, in quotes. If not, nothing is read or written.",),
    ),
    *AUTH_OPTIONS,
)

RUN_OPTIONS: tuple[Option, ...] = run_options(MARKS, (*PURGES, DELETE_ORPHANS, REPLACE, FORCE))
