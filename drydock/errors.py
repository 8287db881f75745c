# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one error that people see: a sentence that says what, where and what to do."""

from __future__ import annotations


class DrydockError(Exception):
    """Drydock cannot do what it was asked; the text is complete for a person."""
