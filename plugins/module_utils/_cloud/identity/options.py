# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of ``cluster_identity``."""

from __future__ import annotations

import json
import typing as t

from ..cluster import rules
from ..cluster.options import Option
from ..cluster.schema import Reader, Values
from ..foundation.options import Base, parse, place_options, run_options
from .aws.presets import LONGEST_INLINE, PRESETS

cluster = rules.matches(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}", "the name of a cluster")
kubernetes = rules.matches(r"[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?", "a Kubernetes name")
zone = rules.matches(r"[A-Z0-9]{4,32}", "the id of a hosted zone, like Z0123456789ABCDEFGHIJ")
secret = rules.matches(r"[\w/+=.@-]{1,256}", "the beginning of a secret's name")
bucket = rules.matches(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[^*?]*)?", "the name of a bucket")
key = rules.matches(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[\w-]+", "the ARN of a KMS key")
boundary = rules.matches(r"arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[\w+=,.@/-]{1,512}", "the ARN of a policy")


def policy_text(value: str) -> str:
    try:
        found = json.loads(value)
    except ValueError:
        return "an IAM policy document as JSON text"
    if not isinstance(found, dict) or "Statement" not in found:
        return "an IAM policy document with a Statement"
    if len(value) > LONGEST_INLINE:
        return f"at most {LONGEST_INLINE} characters"
    return ""


def scope_option(name: str, rule: t.Callable[[str], str], doc: str) -> Option:
    return Option(path=f"resources.{name}", type="list", elements="str", rule=rule, doc=(doc,))


BINDING_ROWS: tuple[Option, ...] = (
    Option(path="namespace", type="str", required=True, rule=kubernetes, doc=("Namespace of the service account.",)),
    Option(path="service_account", type="str", required=True, rule=kubernetes, doc=("Its name.",)),
    Option(path="preset", type="str", choices=tuple(PRESETS), doc=("What it may do, by the workload that it is.",)),
    scope_option("zones", zone, "Hosted zones that the preset is about."),
    scope_option("secrets", secret, "Beginnings of the names of secrets in Secrets Manager."),
    scope_option("buckets", bucket, "Buckets."),
    scope_option("keys", key, "KMS keys that the secrets are encrypted with."),
    Option(path="policy", type="str", rule=policy_text, doc=("An IAM policy as JSON text, instead of a preset.",)),
    Option(
        path="state",
        type="str",
        choices=("present", "absent"),
        default="present",
        doc=("V(absent) deletes the role.",),
    ),
)
OWN_OPTIONS: tuple[Option, ...] = (
    Option(path="cluster", type="str", rule=cluster, doc=("EKS cluster whose service accounts are bound.",)),
    Option(
        path="cluster_roles",
        type="bool",
        doc=(
            "Whether the roles of the control plane and of the nodes exist. They are in "
            "RV(identity.attach), which is the O(ignore:identity) option of M(seaworthy.platform.eks_cluster).",
        ),
    ),
    Option(
        path="bindings",
        type="list",
        elements="row",
        rows=BINDING_ROWS,
        doc=(
            "Service accounts of the cluster and what they may do. Each gets a role that only it can assume, by the "
            "cluster's OIDC issuer.",
        ),
    ),
    Option(
        path="purge_bindings",
        type="bool",
        default=False,
        doc=("Whether roles of bindings that are not listed are deleted, where O(bindings) is set.",),
    ),
    Option(
        path="permissions_boundary",
        type="str",
        rule=boundary,
        doc=("Policy that bounds every role made here.",),
    ),
)
OPTIONS = (*place_options("identity"), *run_options("identity"), *OWN_OPTIONS)


def parse_identity(document: t.Mapping[str, t.Any]) -> Base:
    """Return the desired roles. Raises InvalidInput with every fault."""
    return parse("identity", OPTIONS, document, (_check_bindings,))


def _check_bindings(reader: Reader, values: Values) -> None:
    rows = values.get("bindings") or []
    if rows and not values.get("cluster"):
        reader.problems.append("bindings is given and cluster is missing; name the cluster of the service accounts")
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows):
        _check_binding(reader, row, f"bindings[{number}]")
        account = (row.get("namespace", ""), row.get("service_account", ""))
        if account in seen:
            reader.problems.append(f"bindings[{number}] repeats {'/'.join(account)}; give it once")
        seen.add(account)


def _check_binding(reader: Reader, row: Values, path: str) -> None:
    if row.get("state") == "absent":
        return
    preset, policy = row.get("preset"), row.get("policy")
    if bool(preset) == bool(policy):
        reader.problems.append(f"{path} must have either preset or policy")
    if preset:
        lacking = [f"resources.{name}" for name in PRESETS[preset].needs if not row.get(f"resources.{name}")]
        if lacking:
            reader.problems.append(f"{path} with preset {preset} lacks {', '.join(lacking)}: what is it allowed on?")
