# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What the modules do to files of a host, in Ansible's own ways: replace them atomically, with owner, group and mode.

This is the only file of the core that knows ``AnsibleModule``.
"""

import errno
import fcntl
import itertools
import os
import pwd
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterator, Optional, Sequence, Tuple

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.airgap.openshift.plugins.module_utils._files import (
    TEMPORARY_ANCHOR,
    TEMPORARY_SECRET,
    Write,
    content_of_opened,
    content_of_own,
    content_of_regular,
    facts_of,
    remove_leftovers,
)

# What it takes to make a file that is open for writing what it is to be, but for its content.
Finish = Callable[[int], object]
# What Ansible has other ways for than a mere rename.
_OTHER_WAYS = (errno.EACCES, errno.EBUSY, errno.EPERM, errno.EROFS, errno.ETXTBSY, errno.EXDEV)
# Errors of extended attributes that not every user may give; shutil.copystat passes over the same.
_NOT_FOR_ALL = (errno.EACCES, errno.EINVAL, errno.ENODATA, errno.ENOTSUP, errno.EPERM)


def write_secret(module: AnsibleModule, path: str, content: bytes) -> None:
    """Make ``path`` hold ``content``, at once or not at all; a new file gets mode 0600, an old one keeps its own.

    With ``unsafe_writes`` it is written in place where nothing else works.

    Raises: OSError when the disk is full or cannot be written.
    """
    _write(
        module,
        path,
        content,
        (os.path.dirname(path), TEMPORARY_SECRET),
        lambda descriptor: _liken(descriptor, path),
        unsafe_writes=module.params["unsafe_writes"],
    )


def write_anchor(
    module: AnsibleModule, path: str, content: bytes, folder: str, owner: Tuple[int, int], mode: int
) -> None:
    """Make ``path`` hold ``content``, at once or not at all, by way of a file in ``folder``: beside other anchors it
    would be taken for one of them.

    Raises: OSError when the disk is full or cannot be written.
    """

    def finish(descriptor: int) -> None:
        os.fchown(descriptor, *owner)
        os.fchmod(descriptor, mode)

    _write(module, path, content, (folder, TEMPORARY_ANCHOR), finish)


def _write(
    module: AnsibleModule,
    path: str,
    content: bytes,
    passing: Tuple[str, str],
    finish: Finish,
    unsafe_writes: bool = False,
) -> None:
    """By a file on the same file system, and by its descriptor: who else may write there can put a link in its place,
    and ``atomic_move`` would give away what that leads to. Nor would that have it on its disk before it has its name.
    """
    context = _context(module, path)
    try:
        with _temporary(*passing, content, finish) as temporary:
            os.rename(temporary, path)
    except OSError as exc:
        if getattr(exc.__cause__, "errno", None) not in _OTHER_WAYS:
            raise
        _move_as_ansible_does(module, path, content, finish, unsafe_writes)
    else:
        if context:
            module.set_context_if_different(path, context, False)


def _move_as_ansible_does(
    module: AnsibleModule, path: str, content: bytes, finish: Finish, unsafe_writes: bool
) -> None:
    # ``atomic_move`` gives a new file 0666 minus the umask.
    umask = os.umask(0o077)
    try:
        with ansibles_own(), _temporary(module.tmpdir, TEMPORARY_SECRET, content) as temporary:
            module.atomic_move(temporary, path, unsafe_writes=unsafe_writes)
    finally:
        os.umask(umask)
    with _opened(path) as descriptor:
        finish(descriptor)


def _context(module: AnsibleModule, path: str) -> Any:
    if not module.selinux_enabled():
        return None
    return module.selinux_context(path) if is_there(path) else module.selinux_default_context(path)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    """A file itself, not what a link leads to."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _liken(descriptor: int, path: str) -> None:
    """Give a file the owner, the mode and the access list that another one has, if there is one."""
    if not is_there(path):
        return
    with _opened(path) as old:
        if not _give_to_owner(descriptor, os.fstat(old)):
            return
        os.fchmod(descriptor, stat.S_IMODE(os.fstat(old).st_mode))
        for name in os.listxattr(old):
            try:
                os.setxattr(descriptor, name, os.getxattr(old, name))
            except OSError as exc:
                if exc.errno not in _NOT_FOR_ALL:
                    raise


def _give_to_owner(descriptor: int, facts: os.stat_result) -> bool:
    """Whether it could be given; the others are left to whoever runs this, and private."""
    try:
        os.fchown(descriptor, facts.st_uid, facts.st_gid)
    except PermissionError:
        return False
    return True


@contextmanager
def ansibles_own() -> Iterator[None]:
    """Around what Ansible does to files: ansible-core 2.19 and later raise a mere Exception there, which nobody could
    tell from a slip of ours; earlier releases end the module with a message.

    Raises: OSError in its place, with the cause.
    """
    try:
        yield
    except Exception as exc:
        if exc.__class__ is not Exception:
            raise
        cause = exc.__cause__
        raise OSError(f"{exc} ({getattr(cause, 'strerror', None) or cause})") from exc


@contextmanager
def _temporary(folder: str, prefix: str, content: bytes, finish: Optional[Finish] = None) -> Iterator[str]:
    """A file of mode 0600 with this content, on its disk; whatever happens, it is not left behind."""
    path = ""
    try:
        handle, path = tempfile.mkstemp(prefix=prefix, dir=folder)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            if finish:
                finish(stream.fileno())
            os.fsync(stream.fileno())
        yield path
    except OSError as exc:
        if not exc.strerror:
            raise  # it has a message of ours
        raise OSError(
            f"nothing can be written to {folder} ({exc.strerror}); make room, or mend the file system"
        ) from exc
    finally:
        if os.path.lexists(path):
            os.remove(path)


def is_there(path: str) -> bool:
    """Whether there is something, or something that a link leads to.

    Raises: OSError when that cannot be told.
    """
    return _mode(path) != 0


def is_link(path: str) -> bool:
    """Whether there is a symbolic link.

    Raises: OSError when that cannot be told.
    """
    return stat.S_ISLNK(_mode(path, follows=False))


def _mode(path: str, follows: bool = True) -> int:
    try:
        facts = facts_of(path, follows)
    except OSError as exc:
        raise OSError(
            f"{path} cannot be looked at ({exc.strerror}); correct the path, or mend the file system"
        ) from exc
    return facts.st_mode if facts else 0


def content_of(path: str, read: Callable[[str], bytes] = content_of_regular) -> bytes:
    """The bytes of a file.

    Raises: OSError that names the remedy when it cannot be read.
    """
    try:
        return read(path)
    except OSError as exc:
        raise OSError(f"{path} cannot be read ({exc.strerror}); correct the path, or become a user who may") from exc


def content_unless_gone(path: str) -> Optional[bytes]:
    """The bytes of a file, if there is one. Other than with `content_if_any`, a folder that may not be looked into is
    an error: it is not known whether there is one.

    Raises: OSError when it cannot be read.
    """
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as exc:
        raise OSError(f"{path} cannot be read ({exc.strerror}); correct the path, or become a user who may") from exc
    return content_of(path)


def content_if_any(path: str) -> Optional[bytes]:
    """The bytes of a file, if there is one.

    Raises: OSError when it cannot be read.
    """
    return content_of(path) if is_there(path) else None


def account_of(path: str, owner: Optional[str]) -> Tuple[str, int]:
    """The home and the number of the user to whom a file belongs, or will: ``owner`` if given, as Ansible takes it."""
    uid = os.stat(path).st_uid if is_there(path) else os.geteuid()
    try:
        account = pwd.getpwnam(owner) if owner and not owner.isdecimal() else pwd.getpwuid(int(owner or uid))
    except KeyError:
        return os.path.expanduser("~"), uid
    return account.pw_dir, account.pw_uid


def destination(dest: str) -> str:
    """The absolute path of a file to write.

    Raises: OSError when none can be written there, worded as in ``ansible.builtin.copy``.
    """
    path = os.path.abspath(dest)
    folder = os.path.dirname(path)
    if not dest or (is_there(path) and not stat.S_ISREG(_mode(path))):
        raise OSError(f"Destination {dest!r} is not a file; give the path of a file")
    if not stat.S_ISDIR(_mode(folder)):
        raise OSError(f"Destination directory {folder} does not exist; create it, with mode 0700")
    if not os.access(folder, os.W_OK):
        raise OSError(f"Destination {folder} not writable; use become, or another dest")
    return path


def refuse_attributes(module: AnsibleModule, attributes: Dict[str, Any]) -> None:
    """Fail for an owner, group or mode that a new file cannot get, while there is none yet.

    They are tried on an empty file, in check mode too, where Ansible would not look at a file that is not there.
    """
    with ansibles_own():
        handle, probe = tempfile.mkstemp(dir=module.tmpdir)
    os.close(handle)
    module.set_fs_attributes_if_different({**attributes, "path": probe}, False)
    os.remove(probe)


def install(
    module: AnsibleModule, path: str, differs: bool, shown: Dict[str, str], writes: Callable[[], Sequence[Write]]
) -> Dict[str, Any]:
    """Bring a file to what its options and ``writes`` say, if it ``differs``, or in check mode say what would change.

    ``shown`` is how its content differs.

    Raises: OSError when something cannot be written.
    """
    link, exists = is_link(path), is_there(path)
    changed = differs or link
    differences: Dict[str, Any] = {"before": {"state": "link"}, "after": {"state": "file"}} if link else {}
    result: Dict[str, Any] = {}
    attributes = module.load_file_common_arguments(module.params, path=path)
    steps: Sequence[Write] = list(writes()) if changed and not module.check_mode else []
    if not exists:
        refuse_attributes(module, attributes)
    elif link and not module.check_mode:
        # What is noted first counts from the first change on.
        steps = _noted_first(module, path, steps)
        replace_link(path)
    if exists and not (link and module.check_mode):
        # Before the content, so that a new secret is never in a file that others may read.
        changed = _set_attributes(module, attributes, changed, differences)
    if steps:
        result = carry_out(module, path, steps)
        _set_attributes(module, attributes, changed, None)
    return {**result, "changed": changed, "diff": [shown, differences]}


def _set_attributes(
    module: AnsibleModule, attributes: Dict[str, Any], changed: bool, differences: Optional[Dict[str, Any]]
) -> bool:
    try:
        return bool(module.set_fs_attributes_if_different(attributes, changed, differences))
    except PermissionError as exc:
        remedy = "become its owner or root, or see with lsattr whether it is immutable"
        raise OSError(f"it cannot get its owner or mode ({exc.strerror}); {remedy}") from exc


def _noted_first(module: AnsibleModule, path: str, steps: Sequence[Write]) -> Sequence[Write]:
    """Write the notes that come before ``path``; what is left to do."""
    notes = list(itertools.takewhile(lambda write: write.path != path, steps))
    for note in notes:
        _write_note(module, note.path, note.content or b"", path)
    return steps[len(notes) :]


def carry_out(module: AnsibleModule, path: str, writes: Sequence[Write]) -> Dict[str, Any]:
    """Make the writes in this order, after a backup of ``path`` if there is to be one; report that.

    Other files than ``path`` are notes beside it, which belong to its owner alone.

    Raises: OSError when something cannot be written.
    """
    result: Dict[str, Any] = {}
    remove_leftovers(os.path.dirname(path), TEMPORARY_SECRET)
    if is_there(path) and path in (write.path for write in writes):
        if is_link(path):
            replace_link(path)
        if module.params["backup"]:
            result["backup_file"] = private_backup(path)
    for write in writes:
        if write.content is None:
            with suppress(FileNotFoundError):
                os.remove(write.path)
        elif write.path == path:
            write_secret(module, path, write.content)
        else:
            _write_note(module, write.path, write.content, path)
    return result


def _write_note(module: AnsibleModule, note: str, content: bytes, path: str) -> None:
    # It has its owner before its name: who could not read it, for ever, where this run is cut off between the two.
    owner = os.stat(path) if is_there(path) else None
    finish = (lambda descriptor: _give_to_owner(descriptor, owner)) if owner else None
    with _temporary(os.path.dirname(note), TEMPORARY_SECRET, content, finish) as temporary:
        if not owner:
            attributes = module.load_file_common_arguments(module.params, path=temporary)
            module.set_fs_attributes_if_different({**attributes, "mode": None, "attributes": None}, False)
        os.rename(temporary, note)


def replace_link(path: str) -> None:
    """Put a private copy in place of a symbolic link to a file.

    Otherwise the new file would get the mode of what the link points to.
    """
    with _temporary(os.path.dirname(path), TEMPORARY_SECRET, content_of(path, content_of_own)) as temporary:
        os.rename(temporary, path)


def private_backup(path: str) -> str:
    """Copy the file, under a name as Ansible's backups have; return the path of the copy.

    Ansible's own copy could be read by others until it has its mode, and stays where the disk becomes full.
    """
    backup = f"{path}.{os.getpid()}.{time.strftime('%Y-%m-%d@%H:%M:%S')}~"
    with _opened(path) as old:
        facts, content = os.fstat(old), content_of_opened(old, path)

    def finish(descriptor: int) -> None:
        _give_to_owner(descriptor, facts)
        os.utime(descriptor, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    with _temporary(os.path.dirname(path), TEMPORARY_SECRET, content, finish) as temporary:
        os.rename(temporary, backup)
    return backup


@contextmanager
def locked(folder: str, seconds: int) -> Iterator[None]:
    """Keep other runs away from a folder that also asks for this; the lock leaves no file behind.

    Without a lock where there can be none: in a folder that may not be listed, and on file systems without locks for
    folders, such as NFS.

    Raises: OSError when somebody else holds the lock for ``seconds``.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except PermissionError:
        yield
        return
    try:
        _wait_for_lock(descriptor, folder, seconds)
        yield
    finally:
        os.close(descriptor)


def _wait_for_lock(descriptor: int, folder: str, seconds: int) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise OSError(f"another process has locked {folder} for {seconds} seconds; end it") from None
            time.sleep(0.05)
        except OSError:
            return None
