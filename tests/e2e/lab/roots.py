# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The root file systems of the lab's hosts: built once from Debian's packages, kept in the user's cache folder.

A root's folder is named after everything that determines it, so that another recipe never finds it, and appears by a
rename when it is whole. Of `rhel9` only the layer over `debian13` is kept.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pathlib
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence

from lab.machine import OWNER, SUITE, USER_NAMESPACE, mirror, say

BASE = "debian13"
IMAGES = ("rhel9", BASE)

_RECIPES = pathlib.Path(__file__).resolve().parent / "images"
_FILES = {BASE: ("debian13.sh",), "rhel9": ("rhel9.sh", "update-ca-trust")}
_PACKAGES = (
    "openssh-server", "python3", "sudo", "iproute2", "mount", "ca-certificates", "skopeo", "kubernetes-client",
    "openssl", "p11-kit", "p11-kit-modules", "docker-registry", "apache2-utils", "podman", "docker-cli",
    "tinyproxy-bin",
)  # fmt: skip
_LEFT_OUT = ("doc", "man", "locale", "info")
_MMDEBSTRAP = (
    "mmdebstrap", "--quiet", "--variant=apt", "--format=tar", "--dpkgopt=force-unsafe-io",
    '--aptopt=APT::Install-Recommends "false"', f"--include={','.join(_PACKAGES)}",
    *(f"--dpkgopt=path-exclude=/usr/share/{folder}/*" for folder in _LEFT_OUT), SUITE,
)  # fmt: skip


class BuildError(Exception):
    """A root could not be built."""


def cache() -> pathlib.Path:
    """The folder of this project in the user's cache."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "airgap-openshift"


@contextlib.contextmanager
def locked(folder: pathlib.Path) -> Iterator[None]:
    """Nobody else builds in this folder meanwhile; who comes later waits and finds it done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another build in {folder}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def folder(image: str) -> pathlib.Path:
    """Where the root (or layer) is or would be; the name holds a hash of all that determines it."""
    made_of = hashlib.sha256(repr((_MMDEBSTRAP, OWNER, platform.machine())).encode())
    for each in (BASE, image):
        for name in _FILES[each]:
            made_of.update((_RECIPES / name).read_bytes())
    return cache() / "roots" / f"{image}-{made_of.hexdigest()[:12]}"


def layers(image: str) -> list[pathlib.Path]:
    """What an overlay mount calls lowerdir, topmost first."""
    return [folder(BASE)] if image == BASE else [folder(image), folder(BASE)]


def to_build(images: Sequence[str]) -> list[str]:
    """Which roots are not there yet, in the order in which they can be built."""
    return [image for image in dict.fromkeys((BASE, *images)) if not folder(image).exists()]


def build(images: Sequence[str]) -> None:
    """Build what is not there yet.

    Raises:
        BuildError: with what the failing program said.
    """
    if not to_build(images):
        return
    with locked(cache() / "roots"):
        for image in to_build(images):
            _build_one(image)


def clean() -> None:
    """Remove all roots. Without root they hold files that their user can remove in a user namespace only."""
    with locked(cache() / "roots"):
        _in_namespace("rm", "-rf", *map(str, (cache() / "roots").glob("*-*")))


def _build_one(image: str) -> None:
    part = cache() / "roots" / f".part-{os.getpid()}"
    say(f"building the root of {image} hosts, once" + (" (from Debian's packages, about a minute)" * (image == BASE)))
    begin = time.monotonic()
    # Of builds that were killed; their programs may still be at work, so nobody takes over a folder.
    _in_namespace("rm", "-rf", *map(str, part.parent.glob(".part-*")))
    part.mkdir()
    if image == BASE:
        _unpack_debian(part)
        _in_namespace(str(_RECIPES / "debian13.sh"), str(part))
    else:
        _in_namespace(str(_RECIPES / f"{image}.sh"), str(part), str(folder(BASE)))
    part.rename(folder(image))
    say(f"built {image} in {time.monotonic() - begin:.1f} s")


def _unpack_debian(target: pathlib.Path) -> None:
    # By way of tar: mmdebstrap's own user namespace maps other ids than ours.
    mode = "--mode=unshare" if USER_NAMESPACE else "--mode=root"
    untar = ["unshare", *USER_NAMESPACE, "tar", "-C", str(target), "--numeric-owner", "--exclude=./dev", "-x"]
    with tempfile.TemporaryFile("w+", errors="replace") as told:
        command = [*_MMDEBSTRAP, "-", *mirror(), mode]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=told) as source:
            try:
                unpacked = subprocess.run(untar, stdin=source.stdout, stderr=told, check=False)
            except BaseException:
                source.terminate()
                raise
        if source.returncode or unpacked.returncode:
            told.seek(0)
            raise BuildError(f"mmdebstrap failed:\n{told.read().strip()}")


def _in_namespace(*command: str) -> None:
    done = subprocess.run(
        ["unshare", *USER_NAMESPACE, "--mount", "--propagation", "private", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"{command[0]} failed:\n{done.stdout}{done.stderr}".strip())
