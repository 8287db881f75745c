# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind a cluster of the twin: a real control plane, or nothing but an address."""

from __future__ import annotations

import typing as t

from ..eks.plant import paper_ca
from .store import Cluster, Pool


class Plant(t.Protocol):
    """Starts, follows and stops what a cluster's record promises. ``wait`` blocks until it is so."""

    def start(self, cluster: Cluster) -> None: ...

    def ready(self, cluster: Cluster, wait: bool) -> bool: ...

    def address(self, cluster: Cluster) -> tuple[str, str]: ...

    def follow_pool(self, cluster: Cluster, pool: Pool) -> None: ...

    def drop_pool(self, cluster: Cluster, pool: Pool) -> None: ...

    def follow_version(self, cluster: Cluster) -> None: ...

    def stop(self, cluster: Cluster) -> None: ...

    def stop_all(self) -> None: ...


class PaperPlant:
    """No control plane: the endpoint is a port that refuses, the CA a real certificate that signs nothing."""

    def start(self, cluster: Cluster) -> None: ...

    def ready(self, cluster: Cluster, wait: bool) -> bool:
        return True

    def address(self, cluster: Cluster) -> tuple[str, str]:
        return "127.0.0.1:1", paper_ca()

    def follow_pool(self, cluster: Cluster, pool: Pool) -> None: ...

    def drop_pool(self, cluster: Cluster, pool: Pool) -> None: ...

    def follow_version(self, cluster: Cluster) -> None: ...

    def stop(self, cluster: Cluster) -> None: ...

    def stop_all(self) -> None: ...
