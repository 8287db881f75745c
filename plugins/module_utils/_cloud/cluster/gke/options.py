# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster is meant, in whose project, and how that is reached on Google Cloud."""

from __future__ import annotations

from .. import rules
from ..options import Option
from ..run_options import REPLACE, Marks, run_options
from . import rules as gke_rules

MARKS = Marks(
    key=gke_rules.OWNER_LABEL, noun="label", vendor="Google", rule=gke_rules.owner, pool_key=gke_rules.POOL_LABEL
)

AUTH_OPTIONS: tuple[Option, ...] = (
    Option(
        path="auth.credentials_file",
        type="str",
        doc=(
            "File of credentials that Google's libraries read: a service account's key, workload identity federation.",
            "Else the default chain: C(GOOGLE_APPLICATION_CREDENTIALS), gcloud's own, the metadata server.",
        ),
    ),
    Option(
        path="auth.impersonate",
        type="str",
        rule=gke_rules.email,
        doc=("Service account to act as; its tokens live an hour and are renewed before they end.",),
    ),
    Option(
        path="auth.principal",
        type="str",
        rule=gke_rules.email,
        doc=("Service account that the credentials must be of. If they are not, nothing is read or written.",),
    ),
    Option(
        path="auth.endpoint_url",
        type="str",
        rule=rules.url,
        doc=("Base URL of the GKE API, for private endpoints. Else that of Google.",),
    ),
    Option(
        path="auth.iam_endpoint_url",
        type="str",
        rule=rules.url,
        doc=("Base URL of the IAM Credentials API, which O(auth.impersonate) needs. Else that of Google.",),
    ),
    Option(
        path="auth.transport",
        type="str",
        choices=("rest", "grpc"),
        doc=("How the GKE API is spoken to. V(grpc) needs HTTP/2 all the way. Unset, V(rest).",),
    ),
    Option(path="auth.ca_bundle", type="str", doc=("File of the authorities to trust. Else C(REQUESTS_CA_BUNDLE).",)),
)

PLACE_OPTIONS: tuple[Option, ...] = (
    Option(path="name", type="str", required=True, rule=gke_rules.cluster_name, doc=("Name of the cluster.",)),
    Option(
        path="project",
        type="str",
        required=True,
        rule=gke_rules.project,
        doc=("Id of the Google Cloud project.",),
    ),
    Option(
        path="location",
        type="str",
        required=True,
        rule=gke_rules.location,
        doc=("Region of a regional cluster, or zone of a zonal one.",),
    ),
    *AUTH_OPTIONS,
)

RUN_OPTIONS: tuple[Option, ...] = run_options(MARKS, (REPLACE,))
