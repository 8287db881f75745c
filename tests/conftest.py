# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures that all tests share: a real control plane, a namespace of one's own, the harbour with its EKS twin."""

from __future__ import annotations

import os
import pathlib
import shutil
import tempfile
import typing as t
import uuid

import pytest

from drydock import control_plane as planes
from drydock.control_plane import ControlPlane

if t.TYPE_CHECKING:
    from drydock.harbour import Harbour

MARKERS = (
    "prove: long proofs (mutation, crash enumeration, property tests); run by make prove",
    "control_planes: the harbour's clusters are real control planes in this test",
)


def pytest_configure(config: pytest.Config) -> None:
    pytest.register_assert_rewrite("tests.integration.survival")
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    for name in [name for name in os.environ if name.startswith(("AWS_", "GOOGLE_", "CLOUDSDK_"))]:
        del os.environ[name]  # no test may reach, or depend on, the account of whoever runs it
    os.environ.update(
        AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_EC2_METADATA_DISABLED="true"
    )
    os.environ["NO_GCE_CHECK"] = "true"  # google-auth asks no metadata server
    if not is_worker():
        # Runs that are killed leave their temporary folders: in one that goes with this run, not in somebody's home.
        home = tempfile.mkdtemp(prefix="seaworthy-ansible-")
        os.environ.update(ANSIBLE_HOME=home, ANSIBLE_ASYNC_DIR=f"{home}/async", KUBECACHEDIR=f"{home}/kube")


def pytest_unconfigure() -> None:
    if not is_worker():
        shutil.rmtree(os.environ["ANSIBLE_HOME"], ignore_errors=True)


def is_worker() -> bool:
    """Whether xdist started this process; its parent's environment is its own."""
    return "PYTEST_XDIST_WORKER" in os.environ


def shared_folder(factory: pytest.TempPathFactory) -> pathlib.Path:
    """Return the temporary folder that all xdist workers of this run have in common."""
    base = factory.getbasetemp()
    return base.parent if is_worker() else base


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[ControlPlane]:
    """One real control plane for the whole run. Use your own namespaces, and names of your own for what has none."""
    shared = ControlPlane.share(shared_folder(tmp_path_factory) / "plane", name="tests", crew=tuple(planes.crew()))
    yield shared
    shared.stop()


@pytest.fixture
def namespace(control_plane: ControlPlane) -> t.Iterator[str]:
    """A fresh namespace, deleted afterwards."""
    name = f"test-{uuid.uuid4().hex[:10]}"
    client = control_plane.admin()
    client.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    client.delete(f"/api/v1/namespaces/{name}")
    client.close()


@pytest.fixture(scope="session")
def running_harbour(tmp_path_factory: pytest.TempPathFactory) -> t.Iterator[Harbour]:
    """One harbour for each worker. Tests take ``harbour``, which is this one, emptied."""
    from drydock.harbour import Harbour  # the SDKs are slow to import, and many tests need none

    running = Harbour.start(tmp_path_factory.mktemp("harbour"))
    yield running
    running.stop()


@pytest.fixture
def harbour(running_harbour: Harbour, request: pytest.FixtureRequest) -> t.Iterator[Harbour]:
    """The EKS twin on an empty account, its clock a minute a request; clusters are records unless marked."""
    running_harbour.use_control_planes(request.node.get_closest_marker("control_planes") is not None)
    yield running_harbour
    running_harbour.reset()
