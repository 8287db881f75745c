# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The GKE twin over gRPC: the same store, as strict as over REST."""

from __future__ import annotations

import typing as t
import urllib.parse

import grpc  # type: ignore[import-untyped]
import pytest
from google.cloud import container_v1
from google.cloud.container_v1.services.cluster_manager.transports.grpc import ClusterManagerGrpcTransport

from drydock.harbour import Harbour
from tests.twin import gke_steps as steps

GET = "/google.container.v1.ClusterManager/GetCluster"


@pytest.fixture
def channel(harbour: Harbour) -> t.Iterator[t.Any]:
    with grpc.insecure_channel(urllib.parse.urlsplit(harbour.google.grpc_url).netloc) as opened:
        yield opened


def asked(channel: t.Any, body: bytes, token: str = "", method: str = GET) -> grpc.RpcError:
    """Send a request as bytes and demand that it is refused."""
    sent = (("authorization", f"Bearer {token}"),) if token else ()
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(method)(body, metadata=sent, timeout=10)
    return caught.value


def test_cluster_made_over_rest_is_there_over_grpc(harbour: Harbour, channel: t.Any) -> None:
    made = steps.running_cluster(harbour)
    client = container_v1.ClusterManagerClient(transport=ClusterManagerGrpcTransport(channel=channel))
    sent = (("authorization", f"Bearer {harbour.google.token()}"),)
    found = client.get_cluster(name=steps.DEMO, retry=None, metadata=sent)
    assert (found.name, found.etag) == (made.name, made.etag)


def test_request_without_a_token_is_refused(channel: t.Any) -> None:
    assert asked(channel, b"").code() is grpc.StatusCode.UNAUTHENTICATED


def test_request_with_a_field_that_the_proto_lacks_is_refused(harbour: Harbour, channel: t.Any) -> None:
    named = container_v1.GetClusterRequest.pb()(name=steps.DEMO).SerializeToString()
    error = asked(channel, named + b"\xfa\x3f\x01x", harbour.google.token())
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "no field of the number 1023" in error.details()


def test_method_that_the_service_lacks_is_unimplemented(harbour: Harbour, channel: t.Any) -> None:
    error = asked(channel, b"", harbour.google.token(), "/google.container.v1.ClusterManager/MakeCoffee")
    assert error.code() is grpc.StatusCode.UNIMPLEMENTED
