# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pull_secret_merge takes for large auth files, beside reading and writing the same file with the json module.

Both take turns in one process, so that a busy machine slows them alike. Memory is what Python allocates at most, beside
what the parsed file needs. jq is a process of its own, so beside it what the module does is one too, with the start of
Python in it.
"""

from __future__ import annotations

import base64
import functools
import gc
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable

import merging
from figures import Row, ratios, rounds, say
from merging import merge

ROUNDS = 7
SIZES = (1_000, 10_000, 100_000)
LARGEST = SIZES[-1]
_GOALS = (3, 4)  # times as long as json.load and json.dump, times the memory of what is parsed
_JQ = '.auths[$registry] = {auth: ("\\($username):\\($password)" | @base64)}'


def auth_file(entries: int) -> bytes:
    """The text of an auth file with that many registries."""
    auths = {
        f"r{number}.example.com:5000": {
            "auth": base64.b64encode(f"user{number}:password{number}".encode()).decode(),
            "email": "you@example.com",
        }
        for number in range(entries)
    }
    return json.dumps({"auths": auths}).encode()


def plain(text: bytes) -> None:
    """Read and write the file as any script does."""
    json.dump(json.load(io.BytesIO(text)), io.StringIO())


def seconds(function: Callable[[], object]) -> float:
    """How long a call takes."""
    gc.collect()
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def peak(function: Callable[[], object]) -> int:
    """Bytes that are allocated at most."""
    gc.collect()
    tracemalloc.start()
    function()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


def parsed_size(text: bytes) -> int:
    """Bytes that the file needs once it is parsed."""
    gc.collect()
    tracemalloc.start()
    kept = json.loads(text)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept
    return size


def in_one_process(entries: int, text: bytes) -> tuple[list[Row], list[float]]:
    """The rows of one size, and the seconds of merging a pull secret of a few entries into the file."""
    file = f"auth file of {entries:,} entries"
    contestants: dict[str, Callable[[], object]] = {
        f"json.load and json.dump, {file}": lambda: plain(text),
        f"merging into it, {file}": lambda: merge(text),
        f"merging a pull secret as large into it, {file}": lambda: merge(text, text),
    }
    times = rounds({name: functools.partial(seconds, call) for name, call in contestants.items()}, ROUNDS)
    base, into, both = times.values()
    memory = peak(lambda: merge(text)) / parsed_size(text)
    slowest, most = _GOALS if entries == LARGEST else (None, None)
    return [
        *(Row("merge", name, values, "s") for name, values in times.items()),
        Row("merge", f"merging into it / json.load and json.dump, {file}", ratios(into, base), "x", slowest),
        Row("merge", f"merging a pull secret as large into it / the same, {file}", ratios(both, base), "x"),
        Row("merge", f"most memory while merging into it / that of it parsed, {file}", [memory], "x", most),
    ], into


def as_processes(entries: int, text: bytes) -> list[Row]:
    """jq, which adds an entry and looks at no other, beside a Python that does all that the module does."""
    with tempfile.NamedTemporaryFile(suffix=".json") as given:
        path = pathlib.Path(given.name)
        path.write_bytes(text)
        credentials = {"registry": merging.REGISTRY, "username": merging.USERNAME, "password": merging.PASSWORD}
        options = [word for name, value in credentials.items() for word in ("--arg", name, value)]
        commands = {
            "jq": ["jq", *options, _JQ, str(path)],
            "a Python doing what the module does": [sys.executable, merging.__file__, str(path)],
        }
        for command in commands.values():
            written = json.loads(run(command))["auths"]
            assert len(written) >= entries + 1, command
            assert merging.REGISTRY in written, command
        calls = {name: functools.partial(run, command) for name, command in commands.items()}
        times = rounds({name: functools.partial(seconds, call) for name, call in calls.items()}, ROUNDS)
    jq, python = times.values()
    file = f"auth file of {entries:,} entries"
    return [
        *(Row("merge", f"{name}, {file}", values, "s") for name, values in times.items()),
        Row("merge", f"a Python doing what the module does / jq, {file}", ratios(python, jq), "x"),
    ]


def run(command: list[str]) -> bytes:
    """What a program writes; it finds the collection where run.py has put it."""
    environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"]}
    return subprocess.run(command, stdout=subprocess.PIPE, env=environment, check=True).stdout


def measure() -> list[Row]:
    """All sizes."""
    rows, an_entry = [], {}
    jq = shutil.which("jq")
    if not jq:
        say("merge: left out: jq (not installed)")
    for entries in SIZES:
        text = auth_file(entries)
        more, into = in_one_process(entries, text)
        rows += more + (as_processes(entries, text) if jq else [])
        an_entry[entries] = [each / entries for each in into]
        say(f"merge: {entries:,} entries done")
    linear = "merging into it, time an entry, auth file of 100,000 entries / of 10,000"
    return [*rows, Row("merge", linear, ratios(an_entry[100_000], an_entry[10_000]), "x")]
