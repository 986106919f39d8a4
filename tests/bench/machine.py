# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine is, as far as times depend on it; nothing of it says whose it is."""

from __future__ import annotations

import importlib.metadata
import os
import pathlib
import platform
import re


def describe() -> dict[str, str]:
    """The machine and what runs on it, as words by what they name; run it with the Python that has Ansible."""
    return {
        "processor": processor(pathlib.Path("/proc/cpuinfo").read_text()),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        # What follows the numbers says who built it.
        "kernel": f"{platform.system()} {platform.release().partition('-')[0]}",
        "Python": platform.python_version(),
        "ansible-core": importlib.metadata.version("ansible-core"),
    }


def processor(cpuinfo: str) -> str:
    """The model, for which some kernels and architectures have no name."""
    found = re.search(r"^model name\s*:\s*(.*\S)", cpuinfo, re.M)
    return " ".join(found[1].split()) if found else f"{platform.machine()}, model not known"


def sentence(described: dict[str, str]) -> str:
    """For people: "AMD EPYC 7763, 2 cores, 24 GiB memory, Linux 6.1.0, Python 3.12.1, ansible-core 2.21.5"."""
    cores = "1 core" if described["cores"] == "1" else f"{described['cores']} cores"
    software = [f"{name} {described[name]}" for name in ("Python", "ansible-core")]
    return ", ".join([described["processor"], cores, f"{described['memory']} memory", described["kernel"], *software])


if __name__ == "__main__":
    print(sentence(describe()))
