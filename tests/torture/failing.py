# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of which one call that has to do with a file fails, at each of the module's own.

A call gets the errors that it can have: EACCES those that name a file, ENOSPC those that change one, EINTR those that
wait, EIO all. Those that have to do with how Ansible brings the module, with accounts or with programs get EIO alone.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from functools import partial

from killed import last, places
from outcome import Case
from scenarios import Trial, chosen, tried
from traced import Call, Ran

# A tracer sees no more of these than their names; all others name a file.
_BY_DESCRIPTOR = re.compile(
    r"write|read$|sendfile|copy_file|f(sync|datasync|truncate|allocate|chmod|chown)|flock|getdents"
)
_TELLING = ("write", "rename", "mkdir")
_WAITING = ("flock", "write", "fsync")
# Where success is looked up.
_RESULT = re.compile(r"/auth\.json$|/tls-ca-bundle\.pem$")
# What words may stand in place of the error's own, and why.
_CLEAR = re.compile(
    # os.access, which both modules and Ansible ask, says no more than no.
    r"not writable|(only|not even) root may change"
    # Ansible's own: the system's library tells it that there is no such user when /etc/passwd cannot be read, and it
    # leaves what chown was told to the details beside the message.
    r"|failed to look up (user|group)|ch(own|grp|mod) failed"
)
# Ansible's own errors, which no module can catch: when it reads its own modules from the file that it has sent, when it
# looks at the file of a result, for its owner and mode, before it prints that, and when it removes its folder of
# temporary files at the end. All is done by then, or nothing.
_ANSIBLES = re.compile(r"zipimport|importlib|in add_path_info|in do_cleanup_files|in rmtree")


def cases(short: bool) -> Iterator[Case]:
    """Yield what became of each."""
    yield from tried(chosen("failing", short), _short if short else _all)


def _all(trial: Trial) -> Iterator[Case]:
    return (case for call in places(trial.calls) for error in errors(call) for case in _failed(trial, call, error))


def _short(trial: Trial) -> Iterator[Case]:
    looks = [call for call in trial.calls if "stat" in call.name and any(map(_RESULT.search, call.paths))]
    struck = [*((call, "ENOSPC") for call in last(trial.calls, _TELLING)), *((call, "EIO") for call in looks[-1:])]
    return (case for call, error in struck for case in _failed(trial, call, error))


def _failed(trial: Trial, call: Call, error: str) -> Iterator[Case]:
    for became in trial.struck(call, f"error={error}", partial(unclear, call, error)):
        yield Case("failing", f"{trial}: {error} from {call}", *became)


def errors(call: Call) -> Sequence[str]:
    """What a call may fail with."""
    if not call.matters:
        return ["EIO"]
    by_name = not _BY_DESCRIPTOR.match(call.name)
    found = {"EIO": True, "EACCES": by_name, "EINTR": call.name in _WAITING, "ENOSPC": call.changes}
    return [error for error, possible in found.items() if possible]


def unclear(call: Call, error: str, ran: Ran) -> str:
    """What is wrong with what a module said when this call failed."""
    text = ran.stdout + ran.stderr
    if call.name == "write" and not call.paths:
        return ""  # it was what it said that could not be written
    answer = ran.answer
    if not answer.keys() & {"msg", "changed"} or "Traceback" in ran.stderr:
        return "" if _ANSIBLES.search(text) else f"no clear answer: {_last(text)}"
    message = str(answer.get("msg", ""))
    cause = os.strerror(getattr(errno, error))
    if ran.failed and cause not in message and not _CLEAR.search(message):
        return f"the message does not name the cause: {message}"
    return ""


def _last(text: str) -> str:
    """The end of a traceback, or of what came in place of an answer."""
    frames = re.findall(r'File \\?"[^"]*?([\w.]+/[\w.]+)\\?", line \d+, in (\w+)', text)
    said = re.findall(r"(?:Error|Exception): [^\\\n]*", text)
    return f"{' > '.join('/'.join(frame) for frame in frames[-4:])}: {said[-1] if said else text[-200:]}"
