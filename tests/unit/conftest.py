# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where there is Ansible, it comes first."""

import contextlib
import importlib

with contextlib.suppress(ImportError):
    # ansible-core 2.14 takes over the import of collections here, and then cannot do with one imported before.
    importlib.import_module("ansible.plugins.loader")
