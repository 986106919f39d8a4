# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many examples a property is tried with: a few, the same each time, or as many others as AIRGAP_EXAMPLES says."""

import os

from hypothesis import HealthCheck, settings

MORE = os.environ.get("AIRGAP_EXAMPLES")
briefly = settings(
    derandomize=not MORE,
    deadline=None,
    max_examples=int(MORE or 60),
    database=None,
    suppress_health_check=[HealthCheck.too_slow] if MORE else [],
)
