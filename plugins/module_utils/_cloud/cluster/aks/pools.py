# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an AKS node pool is made of: one row a field, as in ``fields``."""

from __future__ import annotations

import typing as t

from .. import compare, rules
from ..guard import GUARD_OPTIONS
from ..options import Field, Option, Type
from . import codecs
from . import rules as aks_rules
from .fields import CLUSTER_FIELDS

POOL_CREATE = "AKS agentPools PUT, at creation"
POOL_UPDATE = "AKS agentPools PUT"

POOL_GROUP_ORDER = ("config",)

TAINT_ROWS: tuple[Option, ...] = (
    Option(path="key", type="str", required=True, rule=rules.label_key, doc=("Key of the taint.",)),
    Option(path="value", type="str", rule=rules.label_value, doc=("Value of the taint.",)),
    Option(path="effect", type="str", required=True, choices=tuple(compare.EFFECTS), doc=("Effect of the taint.",)),
)


def changed(path: str, api: str, doc: str, *, type: Type = "int", **options: t.Any) -> Field:
    """Return a row that an existing pool takes; all of a pool's changes travel in one PUT."""
    same = {"kind": "update", "group": "config", "call": "edit_pool", "source": POOL_UPDATE}
    return Field(path=path, type=type, api=api, doc=(doc,), **{**same, **options})


def fixed(path: str, api: str, doc: str, *, type: Type = "str", **options: t.Any) -> Field:
    """Return a row that only a new pool takes."""
    return Field(path=path, type=type, api=api, doc=(doc,), kind="recreate", source=POOL_CREATE, **options)


POOL_FIELDS: tuple[Field, ...] = (
    Field(
        path="version",
        type="version",
        kind="update",
        api="currentOrchestratorVersion",
        create_api="orchestratorVersion",
        update_api="orchestratorVersion",
        group="version",
        call="edit_pool",
        source=POOL_UPDATE + ": orchestratorVersion, at most the control plane's and three minors behind it",
        rule=aks_rules.version,
        doc=("Kubernetes version of the nodes; unset, that of the cluster as O(upgrade.pools) says.",),
    ),
    changed(
        "mode",
        "mode",
        "V(system) pools hold what AKS runs itself; there must be one. Unset at creation, one named C(system) is.",
        type="str",
        codec=codecs.MODE,
        choices=("system", "user"),
    ),
    changed(
        "autoscaling",
        "enableAutoScaling",
        "Whether the autoscaler owns the number of nodes, between O(ignore:size.min) and O(ignore:size.max).",
        type="bool",
        codec=compare.SWITCH,
    ),
    changed("size.min", "minCount", "Fewest nodes, with autoscaling.", codec=codecs.NUMBER, rule=rules.at_least(0)),
    changed("size.max", "maxCount", "Most nodes, with autoscaling.", codec=codecs.NUMBER, rule=rules.between(1, 1000)),
    changed(
        "size.desired",
        "count",
        "Nodes wanted. Alone it fixes the size. With autoscaling it counts at creation only.",
        codec=codecs.NUMBER,
        rule=rules.between(0, 1000),
    ),
    changed(
        "labels",
        "nodeLabels",
        "Labels of the nodes; the whole of them.",
        type="dict",
        codec=compare.LABELS,
        rule=rules.labels,
    ),
    changed(
        "taints",
        "nodeTaints",
        "Taints of the nodes; the whole of them.",
        type="list",
        elements="row",
        rows=TAINT_ROWS,
        compare=compare.as_keyed,
        codec=codecs.TAINTS,
    ),
    changed(
        "surge.max_surge",
        "upgradeSettings.maxSurge",
        "Nodes added during an upgrade.",
        codec=codecs.COUNT,
        rule=rules.between(0, 1000),
    ),
    changed(
        "surge.max_surge_percentage",
        "upgradeSettings.maxSurge",
        "The same as a share of the nodes.",
        codec=codecs.SHARE,
        rule=rules.between(1, 100),
    ),
    changed(
        "surge.max_unavailable",
        "upgradeSettings.maxUnavailable",
        "Nodes replaced at once during an upgrade.",
        codec=codecs.COUNT,
        rule=rules.between(0, 1000),
    ),
    changed(
        "surge.drain_timeout",
        "upgradeSettings.drainTimeoutInMinutes",
        "Minutes that an upgrade waits for the Pods of a node to go. Once set it can only be changed.",
        codec=codecs.NUMBER,
        rule=rules.between(1, 1440),
    ),
    changed(
        "surge.soak",
        "upgradeSettings.nodeSoakDurationInMinutes",
        "Minutes that an upgrade rests after each node.",
        codec=codecs.NUMBER,
        rule=rules.between(0, 30),
    ),
    changed(
        "image_type",
        "osSKU",
        "Operating system, V(Ubuntu) or V(AzureLinux). Another one replaces the nodes.",
        type="str",
        compare=codecs.same_name,
        choices=codecs.IMAGES,
        est_seconds=600,
    ),
    fixed(
        "instance_types",
        "vmSize",
        "VM size: a list of one.",
        type="list",
        elements="str",
        compare=codecs.same_names,
        codec=codecs.ONE,
        rule=aks_rules.vm_size,
    ),
    fixed(
        "subnets",
        "vnetSubnetID",
        "Subnet of the nodes, by id: a list of one; unset, O(network.subnets) at creation.",
        type="list",
        elements="str",
        compare=codecs.same_names,
        codec=codecs.ONE,
        rule=aks_rules.subnet,
    ),
    fixed(
        "zones",
        "availabilityZones",
        'Availability zones of the nodes, by number in quotes, like V("1"); unset, none is promised.',
        type="list",
        elements="str",
        compare=compare.as_set,
        codec=compare.SORTED,
        rule=aks_rules.zone,
    ),
    fixed("spot", "scaleSetPriority", "Whether the nodes are spot VMs.", type="bool", codec=codecs.SPOT),
    fixed(
        "disk.size_gb",
        "osDiskSizeGB",
        "Disk of the operating system in GB.",
        type="int",
        codec=codecs.NUMBER,
        rule=rules.between(30, 4096),
    ),
    fixed(
        "disk.type",
        "osDiskType",
        "Whether that disk is V(managed), or V(ephemeral) on the machine itself.",
        codec=codecs.DISK,
        choices=("managed", "ephemeral"),
    ),
    fixed(
        "max_pods",
        "maxPods",
        "Most Pods on a node.",
        type="int",
        codec=codecs.NUMBER,
        rule=rules.between(10, 250),
    ),
    fixed(
        "gpu.driver",
        "gpuProfile.driver",
        "Whether AKS installs the driver of a VM size with GPUs.",
        codec=codecs.DRIVER,
        choices=("install", "none"),
    ),
    fixed(
        "host_encryption",
        "enableEncryptionAtHost",
        "Whether disks are encrypted on the host, too.",
        type="bool",
        codec=compare.SWITCH,
    ),
    fixed("fips", "enableFIPS", "Whether the nodes run a FIPS-validated system.", type="bool", codec=compare.SWITCH),
)

EXTRA_OF_POOL = Option(
    path="extra",
    type="json",
    doc=(
        "Members of the pool's C(properties) that have no option here, as Azure spells them (C(kubeletConfig)).",
        "What is written in them is compared and kept so; what is not, is not looked at.",
    ),
)
EXTRA = Option(
    path="extra",
    type="json",
    doc=(
        "Members of the cluster's C(properties) that have no option here, as Azure spells them (C(autoScalerProfile)).",
        "What is written in them is compared and kept so; what is not, is not looked at.",
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
    *POOL_FIELDS,
    EXTRA_OF_POOL,
    Option(path="tags", type="dict", rule=aks_rules.tags, doc=("Tags of the pool; subject to O(purge_tags).",)),
)

CLUSTER_OPTIONS: tuple[Option, ...] = (
    *CLUSTER_FIELDS,
    *GUARD_OPTIONS,
    EXTRA,
    Option(
        path="network.subnets",
        type="list",
        elements="str",
        rule=aks_rules.subnet,
        doc=("Subnet of the nodes of pools that name none, by id: a list of one; unset, AKS makes a network.",),
    ),
    Option(
        path="network.routed_cidrs",
        type="list",
        elements="str",
        rule=rules.cidr,
        doc=("Ranges that nodes must reach (peered networks, offices). O(network.service_cidr) may not overlap them.",),
    ),
    Option(
        path="node_pools",
        type="map",
        rows=POOL_OPTIONS,
        doc=(
            "Node pools, keyed by name. Pools that are not named here are left alone.",
            "A cluster is made with those that are named, of which one at least is of mode C(system).",
        ),
    ),
    Option(path="tags", type="dict", rule=aks_rules.tags, doc=("Tags of the cluster.",)),
)
