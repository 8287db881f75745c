# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands behind a cluster of the twin: a real control plane, or nothing but an address."""

from __future__ import annotations

import typing as t

from .. import plant
from .store import Cluster, Pool

Plant: t.TypeAlias = plant.Plant[Cluster, Pool]
PaperPlant: t.TypeAlias = plant.PaperPlant[Cluster, Pool]
