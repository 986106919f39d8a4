# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How a command is run that may hang, or print without end.

``AnsibleModule.run_command`` has no limit of either kind: it keeps all of the output, and copies it for each piece that
comes (100 MB took it more than a minute).
"""

import os
import re
import selectors
import subprocess
import time
from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Tuple

__all__ = ("Completed", "run")

KILL_AFTER_SECONDS = 5
# Bytes. What is beyond them is read and forgotten: of the output the end, of the errors the beginning.
LONGEST_OUTPUT = 16 << 20
LONGEST_ERRORS = 64 << 10
_LONGEST_QUOTE = 1000  # characters
_PIECE = 64 << 10


class Completed(NamedTuple):
    """How a command ended."""

    rc: int
    stdout: bytes
    stderr: str
    timed_out: bool
    too_long: bool  # not all of the output is there
    seconds: int

    @property
    def ending(self) -> str:
        """In words of one line, with the last that it said on standard error."""
        how = f"exited with {self.rc}" if self.rc >= 0 else f"was ended by signal {-self.rc}"
        if self.timed_out:
            how = f"did not end within {self.seconds} seconds"
        said = self.stderr[-_LONGEST_QUOTE:]
        lines = "; ".join(filter(None, map(str.strip, said.splitlines())))
        return f"{how} and said: {'... ' * (said != self.stderr)}{lines}" if lines else how


if TYPE_CHECKING:
    _Popen = subprocess.Popen[bytes]
else:
    _Popen = subprocess.Popen


class _Process(_Popen):
    """A process of whose outputs no more is kept than is wanted."""

    def outputs(self) -> Tuple[bytes, bytes]:
        """The first bytes of its output and the last of its errors, one more than are wanted if there are as many.

        Both end with the process: what it has left running may keep them open.
        """
        output, errors = bytearray(), bytearray()
        with selectors.DefaultSelector() as selector:
            for stream in filter(None, (self.stdout, self.stderr)):
                selector.register(stream, selectors.EVENT_READ)
            while selector.get_map():
                ended = self.poll() is not None
                ready = selector.select(0 if ended else 1)
                if ended and not ready:
                    break
                for key, _events in ready:
                    piece = os.read(key.fd, _PIECE)
                    if not piece:
                        selector.unregister(key.fileobj)
                    elif key.fileobj is self.stdout:
                        output += piece[: LONGEST_OUTPUT + 1 - len(output)]
                    else:
                        errors += piece
                        del errors[: -LONGEST_ERRORS - 1]
        return bytes(output), bytes(errors)


def run(argv: List[str], seconds: int, env: Optional[Dict[str, str]] = None) -> Completed:
    """Run ``argv`` and everything that it starts for at most ``seconds``, then end them all. It has nothing to read.

    ``timeout`` (coreutils) does that; it exits with 124 after SIGTERM and, where that was ignored, dies of SIGKILL
    (137).

    Raises: OSError when ``timeout`` is not to be found.
    """
    command = ["timeout", "-k", str(KILL_AFTER_SECONDS), str(seconds), *argv]
    began = time.monotonic()
    with _Process(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
    ) as process:
        stdout, stderr = process.outputs()
        rc = process.wait()
    timed_out = rc in (124, 137, -9) and time.monotonic() - began >= seconds
    if len(stderr) > LONGEST_ERRORS:
        # What is left of a word may be half a token, which nobody would know as one.
        stderr = re.sub(rb"\A\S*", b"...", stderr, count=1)
    words = stderr.decode("utf-8", "replace").strip()
    return Completed(rc, stdout[:LONGEST_OUTPUT], words, timed_out, len(stdout) > LONGEST_OUTPUT, seconds)
