# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each workload may do, and no more: one row a preset, scoped to the resources that it is given. Pure.

Sources: the IAM documents that each project publishes (external-dns, cert-manager, External Secrets, Velero's AWS
plugin, cluster-autoscaler as eksctl grants it, Elasticsearch's S3 repository).
"""

from __future__ import annotations

import dataclasses
import json
import typing as t

Statement = dict[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Scope:
    """Where the permissions hold, and what the binding names."""

    partition: str
    region: str
    account: str
    cluster: str
    zones: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def zone_arns(self) -> list[str]:
        return [f"arn:{self.partition}:route53:::hostedzone/{zone}" for zone in self.zones]

    def secret_arns(self) -> list[str]:
        """Secrets are named by prefix: AWS appends six characters of its own."""
        place = f"arn:{self.partition}:secretsmanager:{self.region}:{self.account}"
        return [f"{place}:secret:{name}*" for name in self.secrets]

    def bucket_arns(self) -> list[str]:
        return [f"arn:{self.partition}:s3:::{name}" for name in self.buckets]

    def object_arns(self) -> list[str]:
        return [f"{arn}/*" for arn in self.bucket_arns()]


def allow(actions: t.Sequence[str], resources: t.Sequence[str], **conditions: t.Any) -> Statement:
    statement: Statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
    return {**statement, "Condition": conditions} if conditions else statement


def external_dns(scope: Scope) -> list[Statement]:
    record = ("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:ListTagsForResources")
    return [allow(record, scope.zone_arns()), allow(["route53:ListHostedZones"], ["*"])]


def cert_manager(scope: Scope) -> list[Statement]:
    """DNS-01 writes TXT records only."""
    texts = {"route53:ChangeResourceRecordSetsRecordTypes": ["TXT"]}
    return [
        allow(["route53:GetChange"], [f"arn:{scope.partition}:route53:::change/*"]),
        allow(["route53:ChangeResourceRecordSets"], scope.zone_arns(), **{"ForAllValues:StringEquals": texts}),
        allow(["route53:ListResourceRecordSets"], scope.zone_arns()),
    ]


def external_secrets(scope: Scope) -> list[Statement]:
    reads = ("DescribeSecret", "GetResourcePolicy", "GetSecretValue", "ListSecretVersionIds")
    found = [allow([f"secretsmanager:{name}" for name in reads], scope.secret_arns())]
    return [*found, allow(["kms:Decrypt"], scope.keys)] if scope.keys else found


def velero(scope: Scope) -> list[Statement]:
    disks = ("CreateSnapshot", "CreateTags", "CreateVolume", "DeleteSnapshot", "DescribeSnapshots", "DescribeVolumes")
    objects = ("AbortMultipartUpload", "DeleteObject", "GetObject", "ListMultipartUploadParts", "PutObject")
    return [
        allow([f"ec2:{name}" for name in disks], ["*"]),
        allow([f"s3:{name}" for name in (*objects, "PutObjectTagging")], scope.object_arns()),
        allow(["s3:ListBucket"], scope.bucket_arns()),
    ]


def cluster_autoscaler(scope: Scope) -> list[Statement]:
    groups = ("AutoScalingGroups", "AutoScalingInstances", "LaunchConfigurations", "ScalingActivities", "Tags")
    types = ("DescribeImages", "DescribeInstanceTypes", "DescribeLaunchTemplateVersions")
    reads = [*(f"autoscaling:Describe{name}" for name in groups), *(f"ec2:{name}" for name in types)]
    reads += ["ec2:GetInstanceTypesFromInstanceRequirements", "eks:DescribeNodegroup"]
    ours = {f"aws:ResourceTag/k8s.io/cluster-autoscaler/{scope.cluster}": "owned"}
    writes = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    return [allow(reads, ["*"]), allow(writes, ["*"], StringEquals=ours)]


def es_snapshots(scope: Scope) -> list[Statement]:
    bucket = ("GetBucketLocation", "ListBucket", "ListBucketMultipartUploads", "ListBucketVersions")
    objects = ("AbortMultipartUpload", "DeleteObject", "GetObject", "ListMultipartUploadParts", "PutObject")
    return [
        allow([f"s3:{name}" for name in bucket], scope.bucket_arns()),
        allow([f"s3:{name}" for name in objects], scope.object_arns()),
    ]


def log_archive(scope: Scope) -> list[Statement]:
    """An archive is written, never read or deleted, by what fills it."""
    objects = ("AbortMultipartUpload", "ListMultipartUploadParts", "PutObject")
    return [
        allow(["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], scope.bucket_arns()),
        allow([f"s3:{name}" for name in objects], scope.object_arns()),
    ]


@dataclasses.dataclass(frozen=True)
class Preset:
    """``needs`` are the resources that a binding must name."""

    statements: t.Callable[[Scope], list[Statement]]
    needs: tuple[str, ...] = ()
    needs_cluster: bool = False


PRESETS: dict[str, Preset] = {
    "cert_manager": Preset(cert_manager, ("zones",)),
    "cluster_autoscaler": Preset(cluster_autoscaler, needs_cluster=True),
    "es_snapshots": Preset(es_snapshots, ("buckets",)),
    "external_dns": Preset(external_dns, ("zones",)),
    "external_secrets": Preset(external_secrets, ("secrets",)),
    "log_archive": Preset(log_archive, ("buckets",)),
    "velero": Preset(velero, ("buckets",)),
}
LONGEST_INLINE = 10_240
"""Characters of all inline policies of a role together (IAM quotas)."""


def document(statements: t.Sequence[Statement]) -> str:
    """Return a policy as the shortest JSON; the same statements give the same text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, separators=(",", ":"), sort_keys=True)
