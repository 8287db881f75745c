# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls of a DNS zone on AWS by phase: what the driver may send, and what its permission files grant."""

from __future__ import annotations

PLAN = (
    "sts.get_caller_identity",
    "route53.get_hosted_zone",
    "route53.list_hosted_zones_by_name",
    "route53.list_resource_record_sets",
    "route53.list_tags_for_resource",
)
APPLY = (
    "route53.associate_vpc_with_hosted_zone",
    "route53.change_resource_record_sets",
    "route53.change_tags_for_resource",
    "route53.create_hosted_zone",
)
DELETE = ("route53.change_resource_record_sets", "route53.delete_hosted_zone")
CALLS = {"plan": PLAN, "apply": APPLY, "delete": DELETE}
