# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways in which bastions, their update commands and their `oc` break, and what the modules have to say of each.

The faults are real: disks that are full, mounts that are read-only, files that are immutable (overlay and tmpfs know
that), and programs in the places of `update-ca-trust`, `update-ca-certificates` and `oc`. Only SELinux is a stand-in:
the kernels of the labs have none, so that Ansible finds no context to set. A Python module in the place of Ansible's
own binding says that SELinux is enabled and refuses every context with EPERM, as a policy does; it is put there by
PYTHONPATH, which no bastion sets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

BOTH, RHEL, DEBIAN = ("rhel9", "debian13"), ("rhel9",), ("debian13",)


class Fault(NamedTuple):
    """A bastion that is broken when a task comes to it. The scripts run on its console."""

    title: str
    task: str  # what is struck: see Site.task
    broken: str
    mended: str = ""
    says: str = ""  # what the message of the failure has to match; empty if the task succeeds nevertheless
    kinds: tuple[str, ...] = BOTH  # of bastions
    options: Mapping[str, Any] = {}
    environment: Mapping[str, str] = {}
    spoils: bool = False  # it leaves things behind that are neither old nor new, itself
    seconds: int = 45  # that the task may take; commands that hang are given 2 of them


# -- What scripts call -------------------------------------------------------------------------------------------------
_FILL = """
fill() {  # leaves so many KiB
    dd if=/dev/zero of=/fill bs=64k 2> /dev/null || true
    truncate -s -"$1"K /fill
}
# What Ansible itself writes is elsewhere, or it would fail before any module begins.
mount -t tmpfs tmpfs /tmp
"""
_FILLED = "rm /fill; umount -l /tmp"
_FLAGS = """
flags() {  # 16 is immutable (FS_IMMUTABLE_FL); the call is FS_IOC_SETFLAGS of 64 bits
    python3 - "$@" << 'EOF'
import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[2], os.O_RDONLY), 0x40086602, struct.pack("l", int(sys.argv[1])))
EOF
}
"""
_ENFORCING = """
mkdir -p /run/selinux
cat > /run/selinux/sitecustomize.py << 'EOF'
import errno, sys, types
def refuse(*_arguments):
    raise OSError(errno.EPERM, "Operation not permitted")
binding = types.ModuleType("ansible.module_utils.compat.selinux")
binding.is_selinux_enabled = binding.is_selinux_mls_enabled = lambda: 1
binding.lgetfilecon_raw = lambda path: [0, "unconfined_u:object_r:tmp_t:s0"]
binding.matchpathcon = lambda path, mode: [0, "system_u:object_r:etc_t:s0"]
binding.lsetfilecon = refuse
sys.modules[binding.__name__] = binding
EOF
"""
_STAND_IN = {"PYTHONPATH": "/run/selinux"}


OC, UPDATE = "/usr/bin/oc", "$UPDATE"
RAN = "/run/ran"


def program(path: str, script: str) -> str:
    """Put a script in the place of a program, which is $0.real then; the file ``RAN`` says that it was started."""
    return f"""
rm -f {RAN}
mv {path} {path}.real
cat > {path} << 'EOF'
#!/bin/sh
: > {RAN}
{script}
EOF
chmod 755 {path}
"""


def original(path: str) -> str:
    return f"mv {path}.real {path}"


def waiting(folder: str, count: int, command: Sequence[str], seconds: int = 0) -> str:
    """Hold the lock of a folder until so many others have it open, which is how they wait; then run a command.

    After that it is a lock that others may share, for so many seconds: /run/torture/passed says that somebody did so,
    and changed something in the folder.
    """
    return f"""
mkdir -p /run/torture; rm -f /run/torture/held /run/torture/passed
cat > /run/waiter.py << 'EOF'
import fcntl, glob, os, subprocess, sys, time
folder, count = os.path.realpath(sys.argv[1]), int(sys.argv[2])
mine = os.open(folder, os.O_RDONLY)
fcntl.flock(mine, fcntl.LOCK_EX)
open("/run/torture/held", "w").close()
def holders():
    for link in glob.glob("/proc/[0-9]*/fd/*"):
        try:
            if os.readlink(link) == folder:
                yield link.split("/")[2]
        except OSError:
            pass
while len({{*holders(), str(os.getpid())}}) <= count:
    pass
subprocess.run(sys.argv[3:], check=True)
fcntl.flock(mine, fcntl.LOCK_SH)
before, end = os.stat(folder).st_mtime_ns, time.monotonic() + {seconds}
while time.monotonic() < end:
    if os.stat(folder).st_mtime_ns != before:
        open("/run/torture/passed", "w").close()
    time.sleep(0.01)
EOF
python3 /run/waiter.py {folder} {count} {" ".join(command)} > /run/waiter.log 2>&1 & echo $! > /run/waiter
until [ -e /run/torture/held ]; do sleep 0.02; done
"""


# -- Disks and files ---------------------------------------------------------------------------------------------------
_NO_ROOM = r"No space left on device.*make room"
_NO_ENTRY = r"not writable; use become, or another dest"
_COMMAND_FAILED = r"exited with [0-9]+ and said.*put back"
_MERGES, _TRUSTS = ("merge", "write"), ("trust", "renew", "distrust")


def _each(
    tasks: Sequence[str], title: str, broken: str, mended: str, says: str, kinds: tuple[str, ...] = BOTH, **others: Any
) -> list[Fault]:
    return [Fault(title, task, broken, mended, says, kinds)._replace(**others) for task in tasks]


def _frozen(*places: str) -> tuple[str, str]:
    """How places become read-only, and writable again."""
    freeze = "".join(f'mount --bind "{each}" "{each}"; mount -o remount,bind,ro "{each}"\n' for each in places)
    return freeze, "".join(f'umount -l "{each}"\n' for each in places)  # a session may have something open there


def _immutable(place: str) -> tuple[str, str]:
    return f"{_FLAGS}\nflags 16 {place}", f"{_FLAGS}\nflags 0 {place}"


_FULL = (f"{_FILL}\nfill 0", _FILLED)
_REFUSING = (_ENFORCING, "rm -r /run/selinux")
_SMALL = """
cp -p "$DEST" /run/auth; mount -t tmpfs -o size=1m,mode=755 tmpfs "$FOLDER"; cp -p /run/auth "$DEST"
dd if=/dev/zero of="$FOLDER/fill" bs=4k 2> /dev/null || true
"""
_DISKS = [
    *_each(_MERGES, "the disk is full", *_FULL, _NO_ROOM, RHEL),
    *_each(("trust", "renew"), "the disk is full", *_FULL, _NO_ROOM),
    *_each(("distrust",), "the disk is full", *_FULL, r"(No space left|error 28).*put back"),
    *_each(_TRUSTS, "there is room for the anchor only", f"{_FILL}\nfill 64", _FILLED, _COMMAND_FAILED),
    *_each(_MERGES, "its folder is a full disk", _SMALL, 'umount -l "$FOLDER"', _NO_ROOM, DEBIAN),
    # No module begins, and the words are Ansible's; the cause is in module_stderr.
    *_each(("merge", "trust"), "not even Ansible has room", "dd if=/dev/zero of=/fill bs=4k 2> /dev/null || true",
           "rm /fill", r"Module result deserialization failed", RHEL),
    *_each(("write",), "SELinux refuses", *_REFUSING, r"selinux context.*not permitted", RHEL, environment=_STAND_IN),
    *_each(("trust",), "SELinux refuses", *_REFUSING, r"selinux context.*not permitted", environment=_STAND_IN),
    # The new file gets the context of the old one, which it has; notes get that of their folder.
    *_each(("merge",), "SELinux refuses", *_REFUSING, "", RHEL, environment=_STAND_IN),
    *_each(("renew",), "SELinux refuses", *_REFUSING, "", environment=_STAND_IN),
    *_each(_MERGES, "its folder is read-only", *_frozen("$FOLDER"), _NO_ENTRY, RHEL),
    *_each(_MERGES, "/etc and /usr are read-only", *_frozen("/etc", "/usr"), "", RHEL),
    *_each(_TRUSTS, "/etc is read-only", *_frozen("/etc"), _COMMAND_FAILED),
    *_each(_TRUSTS, "/usr is read-only", *_frozen("/usr"), r"read-only part of the system: set anchors_dir", DEBIAN),
    # There is another folder for anchors, in /etc; but what was made in /usr before cannot be removed.
    *_each(("trust",), "/usr is read-only", *_frozen("/usr"), "", RHEL),
    *_each(("renew", "distrust"), "/usr is read-only", *_frozen("/usr"), r"read-only", RHEL),
    *_each(_MERGES, "its folder is immutable", *_immutable("$FOLDER"), _NO_ENTRY, RHEL),
    *_each(_TRUSTS, "its folder is immutable", *_immutable("$ANCHORS"), r"immutable"),
    *_each(("merge",), "the file is immutable", *_immutable("$DEST"), r"not permitted.*(immutable|become)", RHEL),
    *_each(("renew", "distrust"), "the anchor is immutable", *_immutable("$ANCHORS/mirror.crt"),
           r"Cannot bring .*mirror\.crt.*not permitted"),
    *_each(_TRUSTS, "the bundle is immutable", *_immutable("$BUNDLE"), _COMMAND_FAILED),
]  # fmt: skip

# -- Update commands ---------------------------------------------------------------------------------------------------
_FLOOD = "yes 'a warning' | head -c 100000000"
_KILLER = '(until [ "$(cat /proc/$$/comm)" = sleep ]; do :; done; kill -KILL $$) > /dev/null 2>&1 &'
_BACK = original(UPDATE)
# What it did not do shows in the bundle, which is named first.
_BUNDLE = r"(lacks|still holds|lost|not made anew|does not exist).*update-ca-\S+.*"


def _command(title: str, script: str, says: str = "", **others: Any) -> list[Fault]:
    pattern = f"{_BUNDLE}{says}.*put back" if says else ""
    faults = _each(("renew", "distrust"), f"the update command {title}", program(UPDATE, script), _BACK, pattern)
    return [fault._replace(**others) for fault in faults]


_UPDATES = [
    *_command("fails", "echo 'cannot do that' >&2; exit 1", "exited with 1 and said: cannot do that"),
    *_command("does nothing", "exit 0", "exited with 0"),
    *_command("fails when all is done", '"$0.real" "$@"; exit 3'),
    *_command("is killed", "kill -KILL $$", "(exited with 137|signal 9)"),
    *_command("crashes", "kill -SEGV $$", "(exited with 139|signal 11)"),
    *_command("hangs and is killed", f"{_KILLER}\nexec sleep 1000", "(exited with 137|signal 9)"),
    *_command("floods both outputs", f'{_FLOOD}; {_FLOOD} >&2; exec "$0.real" "$@"'),
    *_command("floods its errors and fails", f"{_FLOOD} >&2; exit 1", "exited with 1 and said: .*a warning"),
    *_command(
        "leaves a child with its outputs", 'sleep 1000 & echo $! >> /run/left; exec "$0.real" "$@"',
        mended=f"{_BACK}; kill $(cat /run/left); rm /run/left",
    ),
    *_command(
        "cuts the bundle in half", '. /run/names; truncate -s $(($(stat -c %s "$BUNDLE") / 2)) "$BUNDLE"; exit 1',
        "exited with 1", spoils=True,
    ),
    *_command(
        "loses its timeout",
        "if mkdir /run/once; then echo $$ > /run/left; kill -KILL $PPID; until [ -e /run/go ]; do sleep 0.02; done; fi"
        '\nexec "$0.real" "$@"',
        "signal 9",
        mended="touch /run/go; while kill -0 $(cat /run/left) 2> /dev/null; do sleep 0.02; done; "
        f"rm -r /run/once /run/go /run/left; {_BACK}",
    ),
    *_each(
        ("renew", "distrust"), "the update command is gone after detection",
        waiting("$ANCHORS", 1, ["mv", UPDATE, f"{UPDATE}.real"]), _BACK, f"{_BUNDLE}No such file.*put back",
    ),
    *_each(
        ("renew",), "the update command has no interpreter",
        f'mv {UPDATE} {UPDATE}.real; printf "#!/gone\\n" > {UPDATE}; chmod 755 {UPDATE}', _BACK,
        f"{_BUNDLE}No such file.*put back",
    ),
    *(
        fault._replace(kinds=RHEL, seconds=200)
        for fault in _command(
            "hangs until its time is over", 'mkdir /run/once && exec sleep 1000; exec "$0.real" "$@"',
            "did not end within 120 seconds", mended=f"rmdir /run/once; {_BACK}",
        )
        if fault.task == "renew"
    ),
]  # fmt: skip

# -- oc ----------------------------------------------------------------------------------------------------------------
_HALF = '"$0.real" "$@" | head -c 200'
_SOON = {"timeout": 2}
_ENDED = r"oc did not end within 2 seconds; check the cluster's API or raise timeout"
_TOO_LONG = r"oc printed more than any pull secret has; set oc to"
_BY_HAND = r"oc failed with exit code -?\d+; run it by hand"
_NO_JSON = r"the cluster's pull secret: line \d+, column \d+"
_NOT_RUN = r"oc cannot be run; install the one for this platform or set oc"


def _oc(title: str, script: str, says: str = "", **others: Any) -> Fault:
    return Fault(f"oc {title}", "merge", program(OC, script), original(OC), says, RHEL)._replace(**others)


def _other_oc(title: str, begin: str, says: str) -> Fault:
    script = f"mv {OC} {OC}.real; printf '{begin}' > {OC}; chmod 755 {OC}"
    return Fault(f"oc {title}", "merge", script, original(OC), says, RHEL)


_CLIENTS = [
    _oc("hangs", "exec sleep 1000", _ENDED, options=_SOON, kinds=DEBIAN),
    _oc("hangs and ignores its end", "trap '' TERM; sleep 1000", _ENDED, options=_SOON),
    _oc("prints without end", "exec yes", _ENDED, options=_SOON),
    _oc("prints 100 MB", _FLOOD, _TOO_LONG),
    _oc("prints 100 MB and fails", f"{_FLOOD}; exit 1", _TOO_LONG),
    _oc("prints 100 MB of errors and fails", f"{_FLOOD} >&2; exit 1", _BY_HAND),
    _oc("prints 100 MB of errors and answers", f'{_FLOOD} >&2; exec "$0.real" "$@"'),
    _oc("warns around its answer", 'echo "Warning: x" >&2; echo "W1123 x" >&2; "$0.real" "$@"; echo bye >&2'),
    _oc("prints warnings before its answer", 'echo "Warning: old"; exec "$0.real" "$@"', _NO_JSON),
    _oc("prints warnings after its answer", '"$0.real" "$@"; echo "Warning: old"', _NO_JSON),
    _oc("dies half way with 1", f"{_HALF}; echo 'error: unexpected EOF' >&2; exit 1", r"connection .* broke; try"),
    _oc("dies half way with 0", _HALF, _NO_JSON, kinds=DEBIAN),
    _oc("is killed half way", f"{_HALF}; kill -KILL $$", _BY_HAND),
    _oc("is killed", "kill -KILL $$", _BY_HAND),
    _oc("crashes", "kill -SEGV $$", _BY_HAND),
    _oc("says nothing", "exit 0", r"has no key '\.dockerconfigjson'; name one"),
    _oc("says nothing and fails", "exit 1", _BY_HAND),
    _oc("says what it knows as errors", '"$0.real" "$@" >&2; exit 1', _BY_HAND),
    _oc("leaves a child with its outputs", 'sleep 1000 & echo $! > /run/left; exec "$0.real" "$@"',
        mended=f"{original(OC)}; kill $(cat /run/left); rm /run/left"),
    _other_oc("has no interpreter", "#!/gone\\n", _NOT_RUN),
    _other_oc("is of another platform", "\\177ELF no", _NOT_RUN),
    Fault("oc is gone", "merge", f"mv {OC} {OC}.real", original(OC), r"'oc' was not found in PATH.*install", RHEL),
]  # fmt: skip

FAULTS = (*_DISKS, *_UPDATES, *_CLIENTS)
# A sample that finds every way in which ``breaks`` breaks what this is about.
SHORT = {
    ("rhel9", "renew", "the update command fails"),
    ("rhel9", "trust", "the disk is full"),
    ("rhel9", "merge", "the disk is full"),
    ("debian13", "merge", "oc hangs"),
    ("debian13", "merge", "oc dies half way with 0"),
}
