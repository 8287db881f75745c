# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find what an EKS cluster leaves in the account: five services are asked, each may be denied."""

from __future__ import annotations

import typing as t

from ...aws.tags import by_key
from ..driver import Parts, unless_missing
from ..observed import Document
from .leftovers import CLUSTER_TAG, is_of, log_group

if t.TYPE_CHECKING:
    from .driver import EksDriver

AT_ONCE = 20
"""Resources whose tags one request of Elastic Load Balancing tells."""
Found = dict[str, Document]


class Leftovers(Parts):
    """Reads of one deletion. A service that may not be asked leaves its kind unknown."""

    def __init__(self, driver: EksDriver, name: str) -> None:
        super().__init__()
        self.driver = driver
        self.name = name

    def read(self) -> Found:
        reads: dict[str, t.Callable[[], Found]] = {
            "load_balancers": self._load_balancers,
            "classic_load_balancers": self._classic,
            "enis": self._interfaces,
            "disks": self._disks,
            "log_group": self._log_group,
            "oidc_provider": self._oidc_provider,
        }
        nothing: Found = {}
        found = [self.allowed(kind, read, nothing) for kind, read in reads.items()]
        return {ident: thing for some in found for ident, thing in some.items()}

    def _pages(self, service: str, operation: str, member: str, token: str, **arguments: t.Any) -> list[t.Any]:
        items: list[t.Any] = []
        more: dict[str, t.Any] = {}
        while True:
            answer = self.driver.call(operation, service=service, **arguments, **more)
            items += answer.get(member, [])
            following = answer.get("NextMarker") or answer.get("NextToken") or answer.get("nextToken")
            if not following:
                return items
            more = {token: following}

    def _load_balancers(self) -> Found:
        arns = [
            row["LoadBalancerArn"] for row in self._pages("elbv2", "describe_load_balancers", "LoadBalancers", "Marker")
        ]
        tagged = [
            (row["ResourceArn"], by_key(row["Tags"]))
            for some in _chunks(arns)
            for row in self.driver.call("describe_tags", service="elbv2", ResourceArns=some)["TagDescriptions"]
        ]
        return {arn: _thing("load_balancer") for arn, tags in tagged if is_of(self.name, tags)}

    def _classic(self) -> Found:
        rows = self._pages("elb", "describe_load_balancers", "LoadBalancerDescriptions", "Marker")
        names = [row["LoadBalancerName"] for row in rows]
        tagged = [
            (row["LoadBalancerName"], by_key(row["Tags"]))
            for some in _chunks(names)
            for row in self.driver.call("describe_tags", service="elb", LoadBalancerNames=some)["TagDescriptions"]
        ]
        return {name: _thing("classic_load_balancer") for name, tags in tagged if is_of(self.name, tags)}

    def _interfaces(self) -> Found:
        tag = {"Name": "tag:cluster.k8s.amazonaws.com/name", "Values": [self.name]}
        rows = self._pages("ec2", "describe_network_interfaces", "NetworkInterfaces", "NextToken", Filters=[tag])
        return {row["NetworkInterfaceId"]: _thing("eni", row["Status"] != "available") for row in rows}

    def _disks(self) -> Found:
        keys = {"Name": "tag-key", "Values": [f"kubernetes.io/cluster/{self.name}", "KubernetesCluster"]}
        rows = self._pages("ec2", "describe_volumes", "Volumes", "NextToken", Filters=[keys])
        ours = [row for row in rows if is_of(self.name, by_key(row.get("Tags") or ()))]
        return {row["VolumeId"]: _thing("disk", row["State"] != "available") for row in ours}

    def _log_group(self) -> Found:
        name = log_group(self.name)
        rows = self._pages("logs", "describe_log_groups", "logGroups", "nextToken", logGroupNamePrefix=name)
        return {name: _thing("log_group")} if any(row["logGroupName"] == name for row in rows) else {}

    def _oidc_provider(self) -> Found:
        """Only one that we made, and marked with the name of the cluster."""
        rows = self.driver.call("list_open_id_connect_providers", service="iam")["OpenIDConnectProviderList"]
        arns = [row["Arn"] for row in rows if f"oidc.eks.{self.driver.session.place.location}." in row["Arn"]]
        return {arn: _thing("oidc_provider") for arn in arns if self._is_ours(arn)}

    def _is_ours(self, arn: str) -> bool:
        answer = unless_missing(
            lambda: self.driver.call("get_open_id_connect_provider", service="iam", OpenIDConnectProviderArn=arn)
        )
        return by_key((answer or {}).get("Tags") or ()).get(CLUSTER_TAG) == self.name


def _thing(kind: str, busy: bool = False) -> Document:
    return {"kind": kind, "busy": busy}


def _chunks(items: list[str]) -> list[list[str]]:
    return [items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE)]
