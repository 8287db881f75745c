# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What must not be done to the parts of an EKS cluster, asked before the first write. Pure."""

from __future__ import annotations

from ...._common.errors import PlatformError
from ..observed import Observed
from ..preflight import is_ours
from ..spec import Spec
from .providers import oidc_parts


def refuse_unread_parts(spec: Spec, observed: Observed) -> None:
    """What could not be read is not planned for."""
    unread = sorted({"addons", "access", "oidc_providers", "iam_providers"} & observed.unknown)
    if unread:
        raise PlatformError(
            f"{spec.place.subject}: {', '.join(unread)} could not be read, so nothing is planned for them.",
            kind="permission",
            remedy="Grant eks:List* and eks:Describe* (and iam:GetOpenIDConnectProvider), or leave the option out.",
        )


def refuse_foreign_parts(spec: Spec, observed: Observed) -> None:
    """Add-ons and providers of others are not changed unasked. An access entry that is named is ours to set."""
    if spec.adopt_any:
        return
    declared = set(spec.options.get("addons") or ())
    found = {f"add-on {name}": addon for name, addon in observed.parts.get("addons", {}).items() if name in declared}
    providers = observed.parts.get("oidc_providers", {}) if oidc_parts(spec, observed) else {}
    found |= {f"OIDC provider {name}": provider for name, provider in providers.items()}
    theirs = [what for what, document in found.items() if not is_ours(spec, document)]
    if theirs:
        raise PlatformError(
            f"{spec.place.subject}: not ours, for want of our tag {spec.cloud.marks.key}: {', '.join(theirs)}; "
            "nothing was changed.",
            kind="foreign",
            remedy=f"Leave it out, or set {spec.label}adopt: any to take it over.",
        )
