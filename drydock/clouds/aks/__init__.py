# Copyright (c) 2026, Seaworthy founders
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The twin of Azure Kubernetes Service, with the parts of Resource Manager and Entra ID that it needs."""
