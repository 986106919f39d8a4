# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What every module of this collection promises, in one wording."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules that plan first and have an action plugin of the same name."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    description: Has a corresponding action plugin, so some parts of the options are handled on the controller.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: none
  check_mode:
    description: Reports what it would do and changes nothing.
    details: The same plan that a real run carries out is computed and reported.
    support: full
  diff_mode:
    description: Shows what it changed, or in check mode would change.
    details: Secrets are never shown; see the module's notes.
    support: full
  idempotent:
    description: When run twice in a row with the same options, the second run changes nothing.
    support: full
  platform:
    description: Target operating systems.
    platforms: posix
    support: full
"""

    # Modules of this group share the option registries.
    ACTIONGROUP_REGISTRIES = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/airgap.openshift.registries) in C(module_defaults) to set defaults for this module.
    details: The modules of the group take the same list of C(registries), which makes it the default to set.
    support: full
    membership:
      - airgap.openshift.registries
"""
