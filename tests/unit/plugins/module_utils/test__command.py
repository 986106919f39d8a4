# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real commands, run by the real timeout (coreutils)."""

import os
import signal
import sys
import time

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _command
from ansible_collections.airgap.openshift.plugins.module_utils._command import LONGEST_ERRORS, LONGEST_OUTPUT, run


def shell(script, seconds=20, **more):
    return run(["sh", "-c", script], seconds, **more)


def test_what_it_says_and_how_it_ends():
    done = shell("echo out; echo ' err ' >&2; exit 3")
    assert (done.rc, done.stdout, done.stderr, done.timed_out, done.too_long) == (3, b"out\n", "err", False, False)
    assert done.ending == "exited with 3 and said: err"
    assert shell("true").ending == "exited with 0"


def test_it_has_nothing_to_read():
    assert shell("cat").rc == 0


def test_variables_are_added(monkeypatch):
    monkeypatch.setenv("KEPT", "1")
    assert shell("echo $KEPT$ADDED", env={"ADDED": "2"}).stdout == b"12\n"


def test_what_hangs_is_ended_with_all_that_it_started(tmp_path):
    done = shell(f"sleep 300 & echo $! > {tmp_path}/pid; sleep 300", seconds=1)
    assert (done.timed_out, done.ending) == (True, "did not end within 1 seconds")
    process, deadline = "/proc/" + (tmp_path / "pid").read_text().strip(), time.monotonic() + 20
    while os.path.exists(process):
        assert time.monotonic() < deadline


def test_what_ignores_that_is_killed(monkeypatch):
    monkeypatch.setattr(_command, "KILL_AFTER_SECONDS", 1)
    done = shell("trap '' TERM; while :; do sleep 0.1; done", seconds=1)
    assert done.timed_out
    assert done.rc in (137, -signal.SIGKILL)


def test_what_it_leaves_running_is_not_waited_for():
    begin = time.monotonic()
    done = shell("setsid sleep 10 & echo done")
    assert (done.rc, done.stdout) == (0, b"done\n")
    assert time.monotonic() - begin < 8


def test_a_flood_is_cut():
    flood = "import sys; [sys.std{}.write('xxx ' * 2500) for _ in range({})]; sys.std{}.write('the end')"
    done = run([sys.executable, "-c", flood.format("out", LONGEST_OUTPUT // 10000 + 9, "err")], 60)
    assert (done.rc, len(done.stdout), done.too_long, done.stderr) == (0, LONGEST_OUTPUT, True, "the end")
    done = run([sys.executable, "-c", flood.format("err", 100, "err")], 60)
    assert (done.rc, done.stdout, done.too_long) == (0, b"", False)
    assert LONGEST_ERRORS - 4 < len(done.stderr) < LONGEST_ERRORS + 4
    assert done.stderr.endswith(" the end")
    assert done.ending.startswith("exited with 0 and said: ... x")
    assert len(done.ending) < 1100


def test_no_word_of_the_errors_is_cut_in_two():
    """Half a token would not be known as one."""
    told = "import sys; sys.stderr.write('x' * {} + ' the end')"
    fits = LONGEST_ERRORS - len(" the end")
    assert run([sys.executable, "-c", told.format(fits)], 60).stderr == "x" * fits + " the end"
    done = run([sys.executable, "-c", told.format(fits + 1)], 60)
    assert done.stderr == "... the end"
    assert done.ending == "exited with 0 and said: ... the end"


def test_as_much_as_may_be_is_not_cut():
    done = run([sys.executable, "-c", f"print('x' * {LONGEST_OUTPUT - 1})"], 60)
    assert (len(done.stdout), done.too_long) == (LONGEST_OUTPUT, False)


def test_without_timeout(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(OSError, match="timeout"):
        run(["true"], 1)
