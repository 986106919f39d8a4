# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tarball: the same bytes from the same commit, wherever and by whichever ansible-core it is built."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
TIME = 1_700_000_000
# A collection as small as ansible-galaxy takes it, and the SHA-256 of its tarball before compression, which depends on
# zlib. Every ansible-core has to come to it.
FILES = {
    "galaxy.yml": b"namespace: a\nname: b\nversion: 1.0.0\nreadme: README.md\nauthors: [c]\nbuild_ignore: [tests]\n",
    "README.md": b"# b\n",
    "meta/runtime.yml": b"requires_ansible: '>=2.14.0'\n",
    "plugins/modules/b.py": b"",
    "plugins/modules/B.py": b"",
    "playbooks/files/run": b"#!/bin/sh\n",
    "tests/t.py": b"",
}
UNPACKED = "855d495fa1a4cacc4836e967b029e5d9d5a2c8d3b43e69471329af718555d81d"


@pytest.fixture(scope="module")
def dist() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dist", ROOT / ".ci/dist.py")
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    # Its named tuples look their module up.
    sys.modules["dist"] = found
    spec.loader.exec_module(found)
    return found


@pytest.fixture(scope="module")
def files(dist: ModuleType) -> dict[str, object]:
    return {name: dist.Entry(content, name == "playbooks/files/run") for name, content in FILES.items()}


@pytest.fixture(scope="module")
def tarball(dist: ModuleType, files: dict[str, object], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    name, content = dist.built(files, TIME, tmp_path_factory.mktemp("first"))
    assert name == "a-b-1.0.0.tar.gz"
    return bytes(content)


@pytest.fixture(autouse=True)
def no_other_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests may run in a hook of Git."""
    for name in os.environ:
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)


@pytest.fixture
def umask() -> Iterator[None]:
    """What a careful user has set."""
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone of one commit, with changes of this machine that are not to count."""
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "playbooks/files/run").chmod(0o755)
    settings = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "core.autocrlf=false"]
    for command in (["init", "-q"], ["add", "."], [*settings, "commit", "-q", "-m", "m", "--date", "@1 +0000"]):
        environment = {**os.environ, "GIT_COMMITTER_DATE": f"@{TIME} +0000"}
        subprocess.run(["git", *command], cwd=tmp_path, env=environment, check=True)
    subprocess.run(["git", "config", "core.autocrlf", "true"], cwd=tmp_path, check=True)
    (tmp_path / "README.md").write_text("changed\n", encoding="utf-8")
    (tmp_path / "playbooks/new.yml").touch()
    return tmp_path


@pytest.mark.usefixtures("umask")
def test_the_same_files_are_the_same_tarball(
    dist: ModuleType, files: dict[str, object], tarball: bytes, tmp_path: Path
) -> None:
    again = dist.built(dict(reversed(files.items())), TIME, tmp_path / "a folder" / "elsewhere")
    assert again == ("a-b-1.0.0.tar.gz", tarball)
    assert hashlib.sha256(gzip.decompress(tarball)).hexdigest() == UNPACKED


def test_the_order_of_the_file_system_does_not_count(dist: ModuleType, tarball: bytes) -> None:
    found = dist.members(tarball)
    listed = json.loads(found["FILES.json"].content)
    listed["files"].reverse()
    turned = {**dict(reversed(found.items())), "FILES.json": dist.Member(json.dumps(listed).encode())}
    assert dist.canonical(turned, TIME) == tarball


def test_the_tarball_names_no_time_but_that_of_the_commit(dist: ModuleType, tarball: bytes) -> None:
    assert tarball[:10] == b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    later = dist.canonical(dist.members(tarball), TIME + 1)
    assert later != tarball
    assert dist.members(later) == dist.members(tarball)


def test_it_is_built_of_the_commit(dist: ModuleType, files: dict[str, object], clone: Path) -> None:
    commit = dist.committed(clone)
    assert commit.files == files
    assert commit.time == TIME
    assert dist.uncommitted(clone) == "; 2 changed or new files of this folder are not in it"


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"])
def test_another_repository_that_the_environment_names_does_not_count(
    dist: ModuleType,
    files: dict[str, object],
    clone: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    monkeypatch.setenv(name, str(tmp_path_factory.mktemp("other") / "repository"))
    assert dist.committed(clone).files == files
    assert dist.uncommitted(clone) == "; 2 changed or new files of this folder are not in it"


def test_it_installs(dist: ModuleType, tarball: bytes, tmp_path: Path) -> None:
    (tmp_path / "a-b-1.0.0.tar.gz").write_bytes(tarball)
    # Less galaxy.yml and the test, plus MANIFEST.json and FILES.json.
    assert dist.installed(tmp_path / "a-b-1.0.0.tar.gz", tmp_path) == len(FILES)
    (tmp_path / "ansible_collections/a/b/README.md").write_text("other\n", encoding="utf-8")
    with pytest.raises(dist.DistError, match=r"ansible-galaxy failed:[^$]*README\.md"):
        dist.verified(tmp_path)


def test_a_list_that_does_not_fit_is_found(dist: ModuleType, tarball: bytes, tmp_path: Path) -> None:
    """ansible-galaxy compares checksums, so that a wrong one does not get past it."""
    changed = {**dist.members(tarball), "README.md": dist.Member(b"other\n")}
    (tmp_path / "a-b-1.0.0.tar.gz").write_bytes(dist.canonical(changed, TIME))
    with pytest.raises(dist.DistError, match="ansible-galaxy failed"):
        dist.installed(tmp_path / "a-b-1.0.0.tar.gz", tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        ".ruff.toml",
        ".ansible-lint/x",
        "roles/.ansible-lint",
        "roles/x/.cache/y",
        "tests/t.py",
        "plugins/__pycache__/b.pyc",
        "a.tar.gz",
    ],
)
def test_debris_is_found(dist: ModuleType, name: str) -> None:
    there = dist.Entry(b"x")
    with pytest.raises(dist.DistError, match="no part of the product"):
        dist.debris_free({name: there}, {name: dist.Member(b"x")})


@pytest.mark.parametrize("name", [".ansible-lint", "roles/tests/x", "docs/build.md"])
def test_what_is_no_debris(dist: ModuleType, name: str) -> None:
    assert dist.debris_free({name: dist.Entry(b"x")}, {name: dist.Member(b"x")}) == []


def test_what_is_not_of_the_commit_is_found(dist: ModuleType) -> None:
    for found in ({"a.yml": dist.Member(b"y")}, {"b.yml": dist.Member(b"x")}):
        with pytest.raises(dist.DistError, match="not as committed"):
            dist.debris_free({"a.yml": dist.Entry(b"x")}, found)
    assert dist.debris_free({"a/b": dist.Entry(b"x"), ".c": dist.Entry(b"")}, {"a": dist.Member(None)}) == [".c", "a"]


def test_no_clone_and_no_commit_are_explained(dist: ModuleType, clone: Path, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    with pytest.raises(dist.DistError, match=r"no galaxy.yml in .*inner"):
        dist.committed(tmp_path / "inner")
    os.rename(clone / ".git", clone / "git")
    with pytest.raises(dist.DistError, match=r"not a git repository.*\nIt is made of the last commit"):
        dist.committed(clone)
    subprocess.run(["git", "init", "-q"], cwd=clone, check=True)
    with pytest.raises(dist.DistError, match="It is made of the last commit"):
        dist.committed(clone)


def test_a_missing_git_is_explained(dist: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(dist.DistError, match="Install git"):
        dist.committed(tmp_path)


@pytest.mark.parametrize(
    ("tags", "changelog", "said"),
    [
        ([], b"", "no release yet: changelogs/changelog.yaml has no 1.0.0; the commit has no tag 1.0.0."),
        (["1.0.0"], b"releases:\n  11.0.0:\n", "no release yet: changelogs/changelog.yaml has no 1.0.0."),
        (["1.0.0"], b"releases:\n  1.0.0:\n", "ansible-galaxy collection publish build/a-b-1.0.0.tar.gz"),
    ],
)
def test_it_says_what_comes_next(
    dist: ModuleType, capsys: pytest.CaptureFixture[str], tags: list[str], changelog: bytes, said: str
) -> None:
    commit = dist.Commit("c", TIME, tags, {"changelogs/changelog.yaml": dist.Entry(changelog)})
    dist.follow_up(commit, "a-b-1.0.0.tar.gz")
    assert said in capsys.readouterr().out
