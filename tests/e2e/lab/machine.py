# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lab needs of the machine that it runs on, how to get it, and what to say where it is not there."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys

# A plain user's PATH has no sbin on Debian, yet `ip` and `chroot` may be there.
os.environ["PATH"] = os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin"

# Without root, everything that root would do is done in a user namespace. `--map-auto` maps the user's
# subordinate ids, which sshd (setgroups) and files of other owners need.
USER_NAMESPACE = () if os.geteuid() == 0 else ("--user", "--map-root-user", "--map-auto")
# Whose the roots are. Inherited, because in the user namespace everybody is root.
OWNER = os.environ.setdefault("LAB_OWNER", str(os.geteuid()))
SUITE = "trixie"

_PROGRAMS = {
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "setsid": "util-linux",
    "mount": "mount",
    "ip": "iproute2",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "openssl": "openssl",
}
_TRACERS = {"strace": "strace"}
_BUILD_PROGRAMS = {"mmdebstrap": "mmdebstrap", "tar": "tar"}
_KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# Everything that a start of the lab asks of the kernel, in small.
_PROBE = """
mount -t tmpfs tmpfs /mnt
mkdir /mnt/lower /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o "$0"lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
ip link add lab0 type bridge
ip link add lab1 type veth peer name lab2
"""


def say(text: str) -> None:
    """One line of progress, for the person who waits."""
    print(f"lab: {text}", file=sys.stderr, flush=True)


def mirror() -> list[str]:
    """The Debian archive that this machine's own apt uses, or nothing: mmdebstrap then knows one itself."""
    if not shutil.which("apt-get"):
        return []
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN) $(LABEL) $(REPO_URI)"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line.split()[2] for line in asked.stdout.splitlines() if line.startswith("Debian Debian ")]
    return found[:1]


def provide(*, build: bool, trace: bool = False) -> None:
    """Install by apt-get what is missing, if that is possible here (as root, on Debian and the like)."""
    packages = sorted(set(_lacking(build=build, trace=trace)))
    if not packages or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    say(f"installing {', '.join(packages)} by apt-get")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        done = subprocess.run(["apt-get", "-qq", *command], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            return say(f"apt-get failed: {done.stderr.strip()}")


def missing(*, build: bool, trace: bool = False) -> list[str]:
    """What keeps the lab from running here, one sentence each.

    `build`: root file systems must be built as well. `trace`: programs of it will be traced.
    """
    if lacking := sorted(set(_lacking(build=build, trace=trace))):
        return [f"{package} is not installed: apt-get install {package}" for package in lacking]
    sentence = _kernel_refuses() or (_packages_unreachable() if build else "")
    return [sentence] if sentence else []


def _lacking(*, build: bool, trace: bool) -> list[str]:
    wanted = ((_BUILD_PROGRAMS, build), (_TRACERS, trace), ({"newuidmap": "uidmap"}, USER_NAMESPACE))
    programs = _PROGRAMS | {name: package for more, needed in wanted if needed for name, package in more.items()}
    packages = [package for program, package in programs.items() if not shutil.which(program)]
    if build and not mirror() and not _KEYRING.exists():
        packages.append("debian-archive-keyring")
    return packages


def _kernel_refuses() -> str:
    probe = ["--mount", "--net", "--pid", "--fork", "sh", "-euc", _PROBE, "userxattr," if USER_NAMESPACE else ""]
    done = subprocess.run(["unshare", *USER_NAMESPACE, *probe], capture_output=True, text=True, check=False)
    if not done.returncode:
        return ""
    why = " ".join(done.stderr.split())
    if not USER_NAMESPACE:
        return f"namespaces, overlay mounts or network bridges are not allowed: {why}"
    user = os.environ.get("USER", str(os.getuid()))
    if "subuid" in why:
        remedy = f"usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}"
        return f"user {user} has no subordinate ids: {remedy}"
    return f"unprivileged user namespaces are not allowed: {why}"


def _packages_unreachable() -> str:
    command = ["mmdebstrap", "--simulate", "--variant=custom", "--format=null", SUITE, "/dev/null", *mirror()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.returncode:
        return ""
    told = [line for line in done.stderr.splitlines() if line.startswith("E: ")]
    return f"no Debian packages can be reached: {(told or [done.stderr.strip()])[0]}"
