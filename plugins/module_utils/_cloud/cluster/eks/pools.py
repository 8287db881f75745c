# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a managed node group is made of: one row a field, as in ``fields``."""

from __future__ import annotations

from .. import compare, rules
from ..options import Field, Option
from . import codecs
from . import rules as eks_rules

POOL_CREATE = "EKS CreateNodegroup"
POOL_CONFIG = "EKS UpdateNodegroupConfig"
POOL_GROUP_ORDER = ("config", "release")

TAINT_ROWS: tuple[Option, ...] = (
    Option(path="key", type="str", required=True, rule=rules.label_key, doc=("Key of the taint.",)),
    Option(path="value", type="str", rule=rules.label_value, doc=("Value of the taint.",)),
    Option(path="effect", type="str", required=True, choices=tuple(compare.EFFECTS), doc=("Effect of the taint.",)),
)

POOL_FIELDS: tuple[Field, ...] = (
    Field(
        path="version",
        type="version",
        kind="update",
        api="version",
        group="version",
        call="update_nodegroup_version",
        source="EKS UpdateNodegroupVersion",
        rule=eks_rules.minor_version,
        doc=("Kubernetes minor version of the nodes; unset, that of the cluster as O(upgrade.pools) says.",),
    ),
    Field(
        path="size.min",
        type="int",
        kind="update",
        api="scalingConfig.minSize",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG,
        rule=rules.at_least(0),
        doc=("Fewest nodes.",),
    ),
    Field(
        path="size.max",
        type="int",
        kind="update",
        api="scalingConfig.maxSize",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG,
        rule=rules.at_least(1),
        doc=("Most nodes.",),
    ),
    Field(
        path="size.desired",
        type="int",
        kind="update",
        api="scalingConfig.desiredSize",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG,
        rule=rules.at_least(0),
        doc=("Nodes wanted. Alone it fixes the size. With autoscaling it counts at creation only.",),
    ),
    Field(
        path="labels",
        type="dict",
        kind="update",
        api="labels",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG,
        codec=compare.LABELS,
        rule=rules.labels,
        doc=("Labels of the nodes; the whole of them.",),
    ),
    Field(
        path="taints",
        type="list",
        elements="row",
        rows=TAINT_ROWS,
        kind="update",
        api="taints",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG + ": keyed by key and effect",
        compare=compare.as_keyed,
        codec=compare.TAINTS,
        doc=("Taints of the nodes; the whole of them.",),
    ),
    Field(
        path="release_version",
        type="str",
        kind="update",
        api="releaseVersion",
        group="release",
        call="update_nodegroup_version",
        source="EKS UpdateNodegroupVersion: must be of the pool's minor version",
        rule=eks_rules.release_version,
        est_seconds=720,
        doc=(
            "Release of the nodes' image, like V(1.36.3-20261112). Unset, EKS's newest when nodes are made or rolled.",
        ),
    ),
    Field(
        path="repair",
        type="bool",
        kind="update",
        api="nodeRepairConfig.enabled",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG,
        codec=compare.SWITCH,
        doc=("Whether EKS replaces nodes that it finds unhealthy.",),
    ),
    Field(
        path="surge.strategy",
        type="str",
        kind="update",
        api="updateConfig.updateStrategy",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG,
        codec=codecs.STRATEGY,
        choices=("default", "minimal"),
        doc=("V(default) adds nodes before it takes old ones away; V(minimal) takes away first, to need no more.",),
    ),
    Field(
        path="surge.max_unavailable",
        type="int",
        kind="update",
        api="updateConfig.maxUnavailable",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG,
        rule=rules.between(1, 100),
        doc=("Nodes replaced at once during an upgrade.",),
    ),
    Field(
        path="surge.max_unavailable_percentage",
        type="int",
        kind="update",
        api="updateConfig.maxUnavailablePercentage",
        group="config",
        call="update_nodegroup_config",
        source=POOL_CONFIG,
        rule=rules.between(1, 100),
        doc=("The same as a share of the nodes.",),
    ),
    Field(
        path="instance_types",
        type="list",
        elements="str",
        kind="recreate",
        api="instanceTypes",
        source=POOL_CREATE,
        compare=compare.as_set,
        rule=eks_rules.instance_type,
        doc=("EC2 instance types.",),
    ),
    Field(
        path="subnets",
        type="list",
        elements="str",
        kind="recreate",
        api="subnets",
        source=POOL_CREATE,
        compare=compare.as_set,
        codec=compare.SORTED,
        rule=eks_rules.subnet,
        doc=("Subnets of the nodes; unset, those of the cluster at creation.",),
    ),
    Field(
        path="zones",
        type="list",
        elements="str",
        kind="recreate",
        api="",
        source=POOL_CREATE + ": a pool is in the zones of its subnets",
        compare=compare.as_set,
        codec=codecs.ZONES,
        rule=eks_rules.zone,
        doc=("Zones of the nodes, by the subnets of the cluster that lie in them. Instead of subnets.",),
    ),
    Field(
        path="role",
        type="str",
        kind="recreate",
        api="nodeRole",
        source=POOL_CREATE,
        rule=eks_rules.role_arn,
        doc=("ARN of the IAM role of the nodes; unset, O(identity.node_role) at creation.",),
    ),
    Field(
        path="image_type",
        type="str",
        kind="recreate",
        api="amiType",
        source=POOL_CREATE,
        rule=rules.matches(r"[A-Za-z0-9_]{3,64}", "an EKS AMI type, like AL2023_x86_64_STANDARD"),
        doc=("AMI type, like V(AL2023_x86_64_STANDARD) or V(BOTTLEROCKET_ARM_64).",),
    ),
    Field(
        path="spot",
        type="bool",
        kind="recreate",
        api="capacityType",
        source=POOL_CREATE,
        codec=codecs.SPOT,
        doc=("Whether the nodes are spot instances.",),
    ),
    Field(
        path="disk.size_gb",
        type="int",
        kind="recreate",
        api="diskSize",
        source=POOL_CREATE,
        rule=rules.between(1, 16384),
        doc=("Root volume in GiB.",),
    ),
)

EXTRA = Option(
    path="extra",
    type="json",
    doc=(
        "Members of the API's own request that have no option here, as the API spells them. What is written in them is "
        "compared and kept so; what is not, is not looked at.",
    ),
)

POOL_OPTIONS: tuple[Option, ...] = (
    Option(
        path="state",
        type="str",
        choices=("present", "absent"),
        default="present",
        doc=("V(absent) deletes the pool.",),
    ),
    Option(
        path="autoscaling",
        type="bool",
        default=False,
        doc=("Whether an autoscaler owns the number of nodes between O(ignore:size.min) and O(ignore:size.max).",),
    ),
    *POOL_FIELDS,
    EXTRA,
    Option(path="tags", type="dict", rule=eks_rules.tags, doc=("Tags of the pool; subject to O(purge_tags).",)),
)
