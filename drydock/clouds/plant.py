# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind a cluster of a twin: a real control plane, or nothing but an address."""

from __future__ import annotations

import base64
import datetime
import functools
import typing as t

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Cluster_contra = t.TypeVar("Cluster_contra", contravariant=True)
Pool_contra = t.TypeVar("Pool_contra", contravariant=True)


class Plant(t.Protocol[Cluster_contra, Pool_contra]):
    """Starts, follows and stops what a cluster's record promises. ``wait`` blocks until it is so.

    ``address`` is the URL of the API server and its authority, PEM in base64.
    """

    def start(self, cluster: Cluster_contra) -> None: ...

    def ready(self, cluster: Cluster_contra, wait: bool) -> bool: ...

    def address(self, cluster: Cluster_contra) -> tuple[str, str]: ...

    def follow_pool(self, cluster: Cluster_contra, pool: Pool_contra) -> None: ...

    def drop_pool(self, cluster: Cluster_contra, pool: Pool_contra) -> None: ...

    def follow_version(self, cluster: Cluster_contra) -> None: ...

    def furnish(self, cluster: Cluster_contra) -> None: ...

    def stop(self, cluster: Cluster_contra) -> None: ...

    def stop_all(self) -> None: ...


class PaperPlant(t.Generic[Cluster_contra, Pool_contra]):
    """No control plane: the endpoint is a port that refuses, the CA a real certificate that signs nothing."""

    def start(self, cluster: Cluster_contra) -> None: ...

    def ready(self, cluster: Cluster_contra, wait: bool) -> bool:
        return True

    def address(self, cluster: Cluster_contra) -> tuple[str, str]:
        return "https://127.0.0.1:1", paper_ca()

    def follow_pool(self, cluster: Cluster_contra, pool: Pool_contra) -> None: ...

    def drop_pool(self, cluster: Cluster_contra, pool: Pool_contra) -> None: ...

    def follow_version(self, cluster: Cluster_contra) -> None: ...

    def furnish(self, cluster: Cluster_contra) -> None: ...

    def stop(self, cluster: Cluster_contra) -> None: ...

    def stop_all(self) -> None: ...


@functools.cache
def paper_ca() -> str:
    """Return a self-signed CA certificate, PEM in base64."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubernetes")])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=3650))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    return base64.b64encode(pem).decode()
