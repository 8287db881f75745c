# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module says about how it behaves."""

from __future__ import annotations


class ModuleDocFragment:
    """Descriptions; each module says how far it supports them."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return what would change, without a write.
  diff_mode:
    description: Returns what changed, or would change, in diff mode.
  idempotent:
    description: Run again without a change in between, it changes nothing and sends no write.
  async:
    description: Supports the C(async) keyword.
  platform:
    description: Where it can run.
    platforms: posix
"""

    EKS = r"""
attributes:
  action_group:
    description: Use C(group/seaworthy.platform.eks) in C(module_defaults) for what all modules of EKS take.
    support: full
    membership:
      - seaworthy.platform.eks
requirements:
  - python >= 3.11
  - boto3
"""

    FOUNDATION = r"""
attributes:
  action_group:
    description: Use C(group/seaworthy.platform.foundation) in C(module_defaults) for what all of these modules take.
    support: full
    membership:
      - seaworthy.platform.foundation
requirements:
  - python >= 3.11
  - boto3
"""

    AKS = r"""
attributes:
  action_group:
    description: Use C(group/seaworthy.platform.aks) in C(module_defaults) for what all modules of AKS take.
    support: full
    membership:
      - seaworthy.platform.aks
requirements:
  - python >= 3.11
  - azure-identity
  - azure-mgmt-core
"""

    GKE = r"""
attributes:
  action_group:
    description: Use C(group/seaworthy.platform.gke) in C(module_defaults) for what all modules of GKE take.
    support: full
    membership:
      - seaworthy.platform.gke
requirements:
  - python >= 3.11
  - google-cloud-container
  - requests
"""

    CLOUDS = r"""
attributes:
  action_group:
    description: Use the group of the cloud in C(module_defaults) for what all of its modules take.
    support: full
    membership:
      - seaworthy.platform.eks
      - seaworthy.platform.gke
requirements:
  - python >= 3.11
  - boto3 for EKS
  - google-cloud-container and requests for GKE
"""
