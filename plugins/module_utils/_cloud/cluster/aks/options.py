# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which cluster is meant, in whose subscription, and how that is reached on Azure."""

from __future__ import annotations

from ..options import Option
from ..run_options import REPLACE, Marks, run_options
from . import rules as aks_rules

MARKS = Marks(key=aks_rules.OWNER_TAG, noun="tag", vendor="Azure", rule=aks_rules.owner, pool_key=aks_rules.POOL_TAG)

AUTH_OPTIONS: tuple[Option, ...] = (
    Option(
        path="auth.tenant_id",
        type="str",
        rule=aks_rules.tenant,
        doc=(
            "Microsoft Entra tenant of the credentials; a subscription of another one is refused.",
            "Without any of these options the environment decides: C(AZURE_CLIENT_ID) and its like, a workload "
            "identity, the machine's identity, a login of the Azure CLI.",
        ),
    ),
    Option(
        path="auth.client_id",
        type="str",
        rule=aks_rules.client,
        doc=("Client id of the application, or of a user-assigned managed identity.",),
    ),
    Option(
        path="auth.certificate_file",
        type="str",
        doc=("File of the application's certificate and key, PEM or PKCS12.",),
    ),
    Option(
        path="auth.secret_file",
        type="str",
        doc=("File whose first line is the application's client secret. Else C(AZURE_CLIENT_SECRET).",),
    ),
    Option(
        path="auth.token_file",
        type="str",
        doc=("File of a federated token: workload identity, a pipeline's OIDC token.",),
    ),
    Option(
        path="auth.managed_identity",
        type="bool",
        doc=("Whether the managed identity of this machine is used, and nothing else tried.",),
    ),
    Option(
        path="auth.authority_host",
        type="str",
        rule=aks_rules.authority,
        doc=("Host of the Entra authority, for sovereign clouds. Else C(AZURE_AUTHORITY_HOST), else the public one.",),
    ),
    Option(
        path="auth.endpoint_url",
        type="str",
        rule=aks_rules.https_url,
        doc=("Base URL of Azure Resource Manager, for private links. Else that of the authority's cloud.",),
    ),
    Option(path="auth.ca_bundle", type="str", doc=("File of the authorities to trust. Else C(REQUESTS_CA_BUNDLE).",)),
)

PLACE_OPTIONS: tuple[Option, ...] = (
    Option(path="name", type="str", required=True, rule=aks_rules.cluster_name, doc=("Name of the cluster.",)),
    Option(
        path="subscription",
        type="str",
        required=True,
        rule=aks_rules.subscription,
        doc=("Id of the Azure subscription. If the credentials are not at home in it, nothing is read or written.",),
    ),
    Option(
        path="resource_group",
        type="str",
        required=True,
        rule=aks_rules.resource_group,
        doc=("Resource group, which must exist.",),
    ),
    Option(path="location", type="str", required=True, rule=aks_rules.location, doc=("Azure location.",)),
    *AUTH_OPTIONS,
)

RUN_OPTIONS: tuple[Option, ...] = run_options(MARKS, (REPLACE,))
