# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others may have made: files, answers of registries and of oc, names, and what lies where something is written.

Bytes come from atheris, which looks for those that lead to new code, and from hypothesis, which makes files that are
nearly right; in short, from a few mutations. Registries are real TLS servers of this machine (answers.py), bastions are
the lab's (places.py).
"""

from __future__ import annotations

import base64
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import answers
import fuzz
import places
from outcome import Case, say

KIND = "hostile"
SECONDS = 40  # for each target of atheris
MUTATIONS = 250  # for each target, in short
EXAMPLES = 1000  # for each property
LONGEST = 16384  # bytes of an input; what is said of longer ones is in the limits
_HERE = pathlib.Path(__file__).resolve().parent
_PROPERTIES = "tests/unit/plugins/module_utils"


def cases(short: bool) -> Iterator[Case]:
    """All of them."""
    if short:
        yield from (mutated(name, each) for name, each in fuzz.targets().items())
    else:
        yield properties()
        yield from (sought(name, each) for name, each in fuzz.targets().items())
    yield from (Case(KIND, *found) for found in answers.cases(short))
    yield from (Case(KIND, *found) for found in places.cases(short))


def mutated(name: str, about: fuzz.Fuzzed) -> Case:
    """A few inputs, the same each time."""
    chance = random.Random(name)
    for number in range(MUTATIONS):
        data = chance.choice(about.seeds)
        for _change in range(number and chance.randrange(5)):
            data = changed(data, chance)
        try:
            about.target(data)
        except Exception as exc:  # whatever it is, it is the finding
            return Case(
                KIND, f"{name}, mutated", lost=f"{type(exc).__name__}: {exc} (input {data[:200]!r})", inputs=number + 1
            )
    return Case(KIND, f"{name}, mutated", inputs=MUTATIONS)


def changed(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one change: something put in, taken out, replaced or repeated."""
    place, other = (chance.randrange(len(data) + 1) for _end in range(2))
    what = chance.choice(
        [b"", chance.randbytes(1), data[other : other + 30], b"\x1b[2J", b"\0", b"\\ud83d", b"[" * 9999]
    )
    return data[:place] + what + data[place + chance.randrange(9) :]


def sought(name: str, about: fuzz.Fuzzed) -> Case:
    """What atheris finds; the input that does it is in the message, and its beginning in the case."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(about.seeds):
            pathlib.Path(folder, str(number)).write_bytes(seed)
        # The alarm of libFuzzer is that of the product, too: what hangs there is ended from outside.
        options = [f"-max_total_time={SECONDS}", f"-max_len={LONGEST}", "-rss_limit_mb=3000", "-timeout=20"]
        command = ["timeout", str(10 * SECONDS), sys.executable, str(_HERE / "fuzz.py"), name, *options]
        command += ["-print_final_stats=1", folder]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
        culprits = [path.read_bytes() for path in pathlib.Path(folder).glob("*-*")]  # such as crash-<hash>
    units = re.search(r"number_of_executed_units: *(\d+)", done.stderr)
    count = int(units[1]) if units else 0
    say(f"hostile: {name}: {count:,} inputs")
    lost = "" if count and not done.returncode else said(done.stdout + done.stderr)
    for each in culprits:
        say(f"hostile: {name}: {lost}: base64 {base64.b64encode(each).decode()}")
        lost += f" (input {each[:200]!r})"
    return Case(KIND, f"{name}, by atheris", lost=lost, inputs=max(count, 1))


def said(output: str) -> str:
    """The exception in what atheris prints."""
    found = re.findall(r"Uncaught Python exception: ===\n(.*)", output) + re.findall(r"ERROR: libFuzzer.*", output)
    return "; ".join(found)[:2000] or output[-500:]


def properties() -> Case:
    """The properties that the unit tests have, with other and more examples."""
    tests = pathlib.Path(os.environ["ANSIBLE_COLLECTIONS_PATH"], "ansible_collections/airgap/openshift", _PROPERTIES)
    options = ["-q", "-m", "hypothesis", "-p", "no:cacheprovider", "--hypothesis-show-statistics"]
    command = [sys.executable, "-m", "pytest", *options, str(tests)]
    env = {**os.environ, "AIRGAP_EXAMPLES": str(EXAMPLES)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    count = examples(done.stdout)
    say(f"hostile: properties: {count:,} inputs")
    failed = re.findall(r"^FAILED .*", done.stdout, re.MULTILINE)
    for line in re.findall(r"^E  .*", done.stdout, re.MULTILINE):
        say(f"hostile: properties: {line}")
    lost = "; ".join(failed) or ("" if count and not done.returncode else done.stdout[-500:])
    return Case(KIND, "properties, by hypothesis", lost=lost, inputs=max(count, 1))


def examples(statistics: str) -> int:
    """How many examples hypothesis has tried; those that a property does not want are not among them."""
    found = re.findall(r"(\d+) passing(?: examples)?, (\d+) failing", statistics)
    return sum(int(passing) + int(failing) for passing, failing in found)
