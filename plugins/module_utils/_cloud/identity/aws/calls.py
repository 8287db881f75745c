# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of identities on AWS by phase: what the driver may send, and what its permission files grant."""

from __future__ import annotations

PLAN = (
    "sts.get_caller_identity",
    "eks.describe_cluster",
    "iam.get_open_id_connect_provider",
    "iam.get_role",
    "iam.get_role_policy",
    "iam.list_attached_role_policies",
    "iam.list_open_id_connect_providers",
    "iam.list_role_policies",
    "iam.list_roles",
)
APPLY = (
    "iam.add_client_id_to_open_id_connect_provider",
    "iam.attach_role_policy",
    "iam.create_open_id_connect_provider",
    "iam.create_role",
    "iam.put_role_permissions_boundary",
    "iam.put_role_policy",
    "iam.tag_open_id_connect_provider",
    "iam.tag_role",
    "iam.update_assume_role_policy",
)
DELETE = (
    "iam.delete_open_id_connect_provider",
    "iam.delete_role",
    "iam.delete_role_policy",
    "iam.detach_role_policy",
)
CALLS = {"plan": PLAN, "apply": APPLY, "delete": DELETE}
