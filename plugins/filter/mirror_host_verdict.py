# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter mirror_host_verdict, documented in the file of the same name beside this one."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.airgap.openshift.plugins.plugin_utils._verdict import verdict


def mirror_host_verdict(
    results: t.Any, host: str, check_mode: bool = False, state: str = "present"
) -> dict[str, t.Any]:
    """Sum up registered results.

    Raises: AnsibleFilterError for anything but a dictionary of results.
    """
    if not isinstance(results, dict) or not all(isinstance(result, dict) for result in results.values()):
        raise AnsibleFilterError("mirror_host_verdict takes a dictionary of the results that tasks have registered")
    return verdict(results, host, check_mode, state)


class FilterModule:
    """What Ansible looks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filters by name."""
        return {"mirror_host_verdict": mirror_host_verdict}
