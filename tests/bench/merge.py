# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pull_secret_merge takes for large auth files, beside reading and writing the same file with the json module.

Both take turns in one process, so that a busy machine slows them alike; the ratio is that of the medians. Memory is
what Python allocates at most, beside what the parsed file needs. Nothing but the standard library is used.
"""

from __future__ import annotations

import base64
import gc
import io
import json
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_entry, _auth_file, _auth_text

ROUNDS = 7
SIZES = (1_000, 10_000, 100_000)
SOURCE = b'{"auths": {"quay.io": {"auth": "dXNlcjpwYXNzd29yZA==", "email": "you@example.com"}}}'


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


def merge(text: bytes, source: bytes) -> None:
    """Do all that the module does between reading bytes and writing bytes."""
    request = _auth_file.request("mirror.example.com:5000", username="mirror", password="password-of-the-mirror")
    before, pull_secret = _auth_text.parse(text, name="dest"), _auth_text.parse(source, name="the pull secret")
    _auth_entry.named_secrets([before, pull_secret], {*before.entries, *pull_secret.entries, request.key})
    plan = _auth_file.plan(before, [pull_secret], [request], on_conflict="replace", invalid_entries="fail")
    _auth_file.report(plan, "dest", False)
    _auth_file.difference(plan, "dest")
    _auth_text.dump(plan.after)


def seconds(function: Callable[[], None]) -> float:
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
    tracemalloc.start()
    kept = json.loads(text)
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert kept
    return size


def main() -> None:
    print(f"Python {sys.version.split()[0]}, medians of {ROUNDS} rounds, [least to most]\n")
    heads = f"{'into it':>26}  {'ratio':>5}  {'both have all':>26}  {'ratio':>5}  {'memory':>6}"
    print(f"{'entries':>8}  {'json':>8}  {heads}")
    for entries in SIZES:
        text = auth_file(entries)
        contestants: tuple[Callable[[], None], ...] = (
            lambda text=text: plain(text),
            lambda text=text: merge(text, SOURCE),
            lambda text=text: merge(text, text),
        )
        rounds = [[seconds(contestant) for contestant in contestants] for _round in range(ROUNDS)]
        base, into, both = (list(times) for times in zip(*rounds, strict=True))
        memory = peak(lambda text=text: merge(text, SOURCE)) / parsed_size(text)
        print(
            f"{entries:>8}  {statistics.median(base):>6.3f} s  {spread(into):>26}  {ratio(into, base):>5.2f}  "
            f"{spread(both):>26}  {ratio(both, base):>5.2f}  {memory:>5.1f}x"
        )
    print("\ngoals for 100,000 entries: ratio of 'into it' at most 3, memory at most 4 times the parsed file")


def spread(times: list[float]) -> str:
    return f"{statistics.median(times):.3f} s [{min(times):.3f} to {max(times):.3f}]"


def ratio(times: list[float], base: list[float]) -> float:
    return statistics.median(times) / statistics.median(base)


if __name__ == "__main__":
    main()
