# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the tarball of the last commit in build/, the same bytes each time, and checks it.

It needs Git, and in its own environment ansible-core and galaxy-importer; `make dist` sets them up.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# Deflated, without flags and time, compressed as well as possible, by an unknown system.
GZIP_HEADER = b"\x1f\x8b\x08\0" + b"\0\0\0\0" + b"\x02\xff"
IMPORTER_CONFIG = ".ci/galaxy-importer.cfg"
# What no user of a collection needs, whatever build_ignore in galaxy.yml says. Galaxy lints a collection as its own
# .ansible-lint has it.
DEBRIS = re.compile(
    r"^\.(?!ansible-lint$)|/\.|(^|/)__pycache__(/|$)|^(tests|build|LICENSES)(/|$)|^(Makefile|noxfile\.py)$"
    r"|\.(py[co]|tar\.gz)$"
)


class DistError(Exception):
    """There can be no tarball; the message says why, and what to do."""


class Entry(NamedTuple):
    """A file of the commit."""

    content: bytes
    executable: bool = False


class Commit(NamedTuple):
    """What is built from: the last commit, with the seconds since 1970 at which it was made."""

    name: str
    time: int
    tags: list[str]
    files: dict[str, Entry]


def main() -> None:
    """Build, check, and say what was checked."""
    os.umask(0o022)
    commit = committed(ROOT)
    show("commit", f"{commit.name[:12]}{uncommitted(ROOT)}")
    with tempfile.TemporaryDirectory(prefix="airgap-openshift-dist-") as folder:
        name, content = built(commit.files, commit.time, Path(folder, "first"))
        again = built(dict(reversed(commit.files.items())), commit.time, Path(folder, "second", "elsewhere"))
        if again != (name, content):
            raise DistError("two builds of the same files differ")
        tarball = Path(folder, name)
        tarball.write_bytes(content)
        left_out = debris_free(commit.files, members(content))
        files = installed(tarball, Path(folder, "collections"))
        imported(tarball, commit.files)
        target = ROOT / "build" / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(content)
    report(target.relative_to(ROOT), content, files, left_out)
    follow_up(commit, name)


def show(label: str, text: str) -> None:
    """A line of the report."""
    print(f"{label:9} {text}", flush=True)


def report(path: Path, content: bytes, files: int, left_out: Iterable[str]) -> None:
    """What was built, and what is known of it."""
    show("built", f"{path}, {len(content):,} bytes, {files} files")
    show("sha256", hashlib.sha256(content).hexdigest())
    show(
        "unpacked",
        f"{hashlib.sha256(gzip.decompress(content)).hexdigest()} (compressed by zlib {zlib.ZLIB_RUNTIME_VERSION})",
    )
    show("checked", "a second build, with its files in another place and order, has the same bytes")
    show("checked", f"it holds nothing but files of the commit; left out are {', '.join(left_out)}")
    show("checked", f"ansible-galaxy installs it, and then verifies its {files} files")
    show("checked", "galaxy-importer has no warning and no error")


def follow_up(commit: Commit, name: str) -> None:
    """What is missing for a release, or else how to publish it."""
    version = re.sub(r"^.*-|\.tar\.gz$", "", name)
    released = commit.files.get("changelogs/changelog.yaml", Entry(b"")).content.decode()
    missing = []
    if not re.search(rf"^  '?{re.escape(version)}'?:$", released, re.MULTILINE):
        missing.append(f"changelogs/changelog.yaml has no {version}")
    if version not in commit.tags:
        missing.append(f"the commit has no tag {version}")
    if missing:
        show("next", f"this is no release yet: {'; '.join(missing)}. CONTRIBUTING.md says how to make one")
    else:
        show("next", f"ansible-galaxy collection publish build/{name}")


def git(folder: Path, *args: str, given: bytes = b"") -> bytes:
    """What a command of Git prints. Replacements, filters and variables that somebody has set up do not count."""
    command = ["git", "--no-replace-objects", "-C", str(folder), *args]
    # In a hook, they say that another repository is meant than that of the folder.
    own = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    try:
        done = subprocess.run(command, input=given, capture_output=True, check=True, env={**own, "LC_ALL": "C"})
    except FileNotFoundError:
        raise DistError("it is made of a commit, and git is missing. Install git") from None
    except subprocess.CalledProcessError as exc:
        raise DistError(f"git {args[0]} failed in {folder}: {exc.stderr.decode().strip()}") from None
    return done.stdout


def committed(folder: Path) -> Commit:
    """The last commit, as Git has it stored, so that no setting of this machine changes a byte."""
    try:
        name = git(folder, "rev-parse", "--verify", "HEAD^{commit}").decode().strip()
    except DistError as exc:
        raise DistError(
            f"{exc}\nIt is made of the last commit, so that anybody can make it again. Run this in a clone"
        ) from None
    files = tracked(folder, name)
    if "galaxy.yml" not in files:
        raise DistError(f"the last commit has no galaxy.yml in {folder}. Run this in a clone of the collection")
    tags = git(folder, "tag", "--points-at", name).decode().split()
    return Commit(name, int(git(folder, "show", "-s", "--format=%ct", name)), tags, files)


def tracked(folder: Path, commit: str) -> dict[str, Entry]:
    """The files of a commit that belong to the folder, by their path in it."""
    listing = git(folder, "ls-tree", "-r", "-z", commit).decode().split("\0")[:-1]
    rows = [(*line.partition("\t")[0].split(), line.partition("\t")[2]) for line in listing]
    for mode, _kind, _blob, path in rows:
        if mode not in ("100644", "100755"):
            raise DistError(f"{path} is a link or a submodule, which a collection cannot hold")
    blobs = io.BytesIO(git(folder, "cat-file", "--batch", given="".join(f"{row[2]}\n" for row in rows).encode()))
    files = {}
    for mode, _kind, _blob, path in rows:
        size = int(blobs.readline().split()[2])
        files[path] = Entry(blobs.read(size), mode == "100755")
        blobs.readline()
    return files


def uncommitted(folder: Path) -> str:
    """What to say of files that differ from the commit."""
    lines = git(folder, "status", "--porcelain", "--", ".").decode().splitlines()
    return f"; {len(lines)} changed or new files of this folder are not in it" if lines else ""


def built(files: Mapping[str, Entry], time: int, folder: Path) -> tuple[str, bytes]:
    """Name and bytes of the tarball that ansible-galaxy makes of the files, in the one form."""
    source = folder / "source"
    for name, entry in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.content)
        path.chmod(0o755 if entry.executable else 0o644)
    ansible_galaxy("build", "--output-path", str(folder), str(source))
    (made,) = folder.glob("*.tar.gz")
    return made.name, canonical(members(made.read_bytes()), time)


def ansible_galaxy(*args: str) -> None:
    """Run a command on collections that needs nothing of this machine: no settings, no Galaxy, no other collections."""
    tool("ansible-galaxy", [sys.executable, "-m", "ansible.cli.galaxy", "collection", *args])


def tool(name: str, command: list[str], **env: str) -> str:
    """What a program of this environment prints, standard error included.

    Raises: DistError when it fails.
    """
    own = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "GALAXY_"))}
    own["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    with tempfile.TemporaryDirectory(prefix="airgap-openshift-dist-") as home:
        Path(home, "ansible.cfg").touch()
        own |= {"ANSIBLE_HOME": home, "ANSIBLE_NOCOLOR": "1", "LC_ALL": "C.UTF-8", **env}
        done = subprocess.run(
            command, cwd=home, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    if done.returncode:
        raise DistError(f"{name} failed:\n{done.stdout.strip()}")
    return done.stdout


class Member(NamedTuple):
    """A file or, where there is no content, a folder of a tarball."""

    content: bytes | None
    executable: bool = False


def members(tarball: bytes) -> dict[str, Member]:
    """What a tarball holds, by its path in it."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(tarball), mode="r:gz") as tar:
        for info in tar:
            file = tar.extractfile(info)
            content = file.read() if file else None
            found[info.name.rstrip("/")] = Member(content, bool(info.mode & 0o100) and info.isfile())
    return found


def canonical(found: Mapping[str, Member], time: int) -> bytes:
    """The one form of a tarball: its lists and its members in order, all of one time and of nobody."""
    lists = json_of(found["FILES.json"])
    lists["files"].sort(key=lambda item: str(item["name"]))
    files = as_json(lists)
    manifest = json_of(found["MANIFEST.json"])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(files).hexdigest()
    first = {"MANIFEST.json": Member(as_json(manifest)), "FILES.json": Member(files)}
    rest = {name: found[name] for name in sorted(found) if name not in first}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, member in {**first, **rest}.items():
            tar.addfile(header(name, member, time), io.BytesIO(member.content or b""))
    return compressed(out.getvalue())


def compressed(content: bytes) -> bytes:
    """A gzip file that names no time and no system; gzip.compress names the latter as the release of Python likes."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    ending = struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)
    return GZIP_HEADER + deflate.compress(content) + deflate.flush() + ending


def json_of(member: Member) -> Any:
    """One of the two lists of a collection."""
    return json.loads(member.content or b"")


def as_json(value: Any) -> bytes:
    """A list as ansible-galaxy writes it, less what depends on its version."""
    return json.dumps(value, indent=1, sort_keys=True).encode()


def header(name: str, member: Member, time: int) -> tarfile.TarInfo:
    """How a member is described: everything but its name, its size and whether it is executable is always the same."""
    info = tarfile.TarInfo(name)
    info.mtime = time
    info.size = len(member.content or b"")
    info.type = tarfile.DIRTYPE if member.content is None else tarfile.REGTYPE
    info.mode = 0o755 if member.content is None or member.executable else 0o644
    return info


def debris_free(files: Mapping[str, Entry], found: Mapping[str, Member]) -> list[str]:
    """What of the commit is not in the tarball, by its first folder.

    Raises: DistError when something is in it that should not be.
    """
    made = {"MANIFEST.json", "FILES.json"}
    for name, member in found.items():
        committed_as = files[name].content if name in files else None
        if name not in made and (DEBRIS.search(name) or committed_as != member.content):
            raise DistError(f"{name} is no part of the product, or not as committed: see build_ignore in galaxy.yml")
    return sorted({PurePosixPath(name).parts[0] for name in files if name not in found})


def installed(tarball: Path, folder: Path) -> int:
    """Install the tarball below a folder and have it verified; how many files it brought."""
    ansible_galaxy("install", "--offline", "--no-deps", "--collections-path", str(folder), str(tarball))
    return verified(folder)


def verified(folder: Path) -> int:
    """Have the one collection below a folder verified; how many files it has."""
    (manifest,) = folder.glob("ansible_collections/*/*/MANIFEST.json")
    name = ".".join(manifest.parent.parts[-2:])
    ansible_galaxy("verify", "--offline", "--collections-path", str(folder), name)
    return sum(path.is_file() for path in manifest.parent.rglob("*"))


def imported(tarball: Path, files: Mapping[str, Entry]) -> None:
    """Have the tarball looked at as Galaxy looks at it before it takes it.

    Raises: DistError when it finds fault with anything.
    """
    with tempfile.TemporaryDirectory(prefix="airgap-openshift-dist-") as folder:
        config = Path(folder, "galaxy-importer.cfg")
        config.write_bytes(files[IMPORTER_CONFIG].content)
        command = [sys.executable, "-m", "galaxy_importer.main", str(tarball)]
        output = tool("galaxy-importer", command, GALAXY_IMPORTER_CONFIG=str(config))
    faults = [line for line in output.splitlines() if line.startswith(("WARNING", "ERROR", "CRITICAL"))]
    if faults:
        raise DistError("\n".join(["galaxy-importer finds fault:", *faults]))


if __name__ == "__main__":
    try:
        main()
    except DistError as error:
        sys.exit(f"No tarball: {error}")
