# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What the modules do to files of a host, in Ansible's own ways: replace them atomically, with owner, group and mode.

This is the only file of the core that knows ``AnsibleModule``.
"""

import fcntl
import os
import pwd
import tempfile
import time
from contextlib import contextmanager, suppress
from typing import Any, Callable, Dict, Iterator, Optional, Sequence, Tuple

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.airgap.openshift.plugins.module_utils._files import Write, content_of_regular


def write_file(
    module: AnsibleModule, path: str, content: bytes, *, folder: Optional[str] = None, unsafe_writes: bool = False
) -> None:
    """Make ``path`` hold ``content``, at once or not at all; a new file gets mode 0600, an old one keeps its own.

    The umask is narrowed because ``atomic_move`` gives a new file 0666 minus the umask: a secret would be readable
    by others until its final mode is set. ``folder`` is where it is written before it moves to its place: on the same
    file system no other file appears beside ``path``, not even for a moment. ``unsafe_writes`` is Ansible's: write in
    place where nothing else works.

    Raises: OSError when the disk is full or cannot be written.
    """
    near = folder is not None and os.access(folder, os.W_OK)
    umask = os.umask(0o077)
    try:
        with _temporary(folder if near and folder else module.tmpdir, content) as temporary:
            module.atomic_move(temporary, path, unsafe_writes=unsafe_writes)
    finally:
        os.umask(umask)


@contextmanager
def _temporary(folder: str, content: bytes) -> Iterator[str]:
    """A file of mode 0600 with this content, on its disk; whatever happens, it is not left behind."""
    handle, path = tempfile.mkstemp(prefix=".airgap-openshift-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        yield path
    except OSError as exc:
        raise OSError(
            f"nothing can be written to {folder} ({exc.strerror}); make room, or mend the file system"
        ) from exc
    finally:
        if os.path.exists(path):
            os.remove(path)


def content_of(path: str) -> bytes:
    """The bytes of a file.

    Raises: OSError that names the remedy when it cannot be read.
    """
    try:
        return content_of_regular(path)
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
    except OSError:
        pass  # content_of says it with the remedy
    return content_of(path)


def content_if_any(path: str) -> Optional[bytes]:
    """The bytes of a file, if there is one.

    Raises: OSError when it cannot be read.
    """
    return content_of(path) if os.path.exists(path) else None


def account_of(path: str, owner: Optional[str]) -> Tuple[str, int]:
    """The home and the number of the user to whom a file belongs, or will: ``owner`` if given, as Ansible takes it."""
    uid = os.stat(path).st_uid if os.path.exists(path) else os.geteuid()
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
    if not dest or (os.path.exists(path) and not os.path.isfile(path)):
        raise OSError(f"Destination {dest!r} is not a file; give the path of a file")
    if not os.path.isdir(folder):
        raise OSError(f"Destination directory {folder} does not exist; create it, with mode 0700")
    if not os.access(folder, os.W_OK):
        raise OSError(f"Destination {folder} not writable; use become, or another dest")
    return path


def refuse_attributes(module: AnsibleModule, attributes: Dict[str, Any]) -> None:
    """Fail for an owner, group or mode that a new file cannot get, while there is none yet.

    They are tried on an empty file, in check mode too, where Ansible would not look at a file that is not there.
    """
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
    link, exists = os.path.islink(path), os.path.exists(path)
    changed = differs or link
    differences: Dict[str, Any] = {"before": {"state": "link"}, "after": {"state": "file"}} if link else {}
    result: Dict[str, Any] = {}
    attributes = module.load_file_common_arguments(module.params, path=path)
    if not exists:
        refuse_attributes(module, attributes)
    elif link and not module.check_mode:
        replace_link(path)
    if exists and not (link and module.check_mode):
        # Before the content, so that a new secret is never in a file that others may read.
        changed = module.set_fs_attributes_if_different(attributes, changed, differences)
    if (differs or link) and not module.check_mode:
        result = carry_out(module, path, writes())
        module.set_fs_attributes_if_different(attributes, changed)
    return {**result, "changed": changed, "diff": [shown, differences]}


def carry_out(module: AnsibleModule, path: str, writes: Sequence[Write]) -> Dict[str, Any]:
    """Make the writes in this order, after a backup of ``path`` if there is to be one; report that.

    Other files than ``path`` are notes beside it, which belong to its owner alone.

    Raises: OSError when something cannot be written.
    """
    result: Dict[str, Any] = {}
    if os.path.exists(path) and path in (write.path for write in writes):
        if os.path.islink(path):
            replace_link(path)
        if module.params["backup"]:
            result["backup_file"] = private_backup(module, path)
    for write in writes:
        if write.content is None:
            with suppress(FileNotFoundError):
                os.remove(write.path)
        elif write.path == path:
            write_file(module, path, write.content, unsafe_writes=module.params["unsafe_writes"])
        else:
            _write_note(module, write.path, write.content, path)
    return result


def _write_note(module: AnsibleModule, note: str, content: bytes, path: str) -> None:
    if os.path.islink(note):
        os.remove(note)  # the file would get the owner and the mode of what the link points to
    write_file(module, note, content)
    if not os.path.exists(path):
        attributes = module.load_file_common_arguments(module.params, path=note)
        module.set_fs_attributes_if_different({**attributes, "mode": None, "attributes": None}, False)
    elif os.geteuid() == 0:
        owner = os.stat(path)
        os.chown(note, owner.st_uid, owner.st_gid)


def replace_link(path: str) -> None:
    """Put a private copy in place of a symbolic link to a file.

    Otherwise ``atomic_move`` would give the new file the mode of what the link points to.
    """
    with _temporary(os.path.dirname(path), content_of(path)) as temporary:
        os.rename(temporary, path)


def private_backup(module: AnsibleModule, path: str) -> str:
    """Copy the file as Ansible's backups are, but for its owner only; return the path of the copy."""
    backup: str = module.backup_local(path)
    os.chmod(backup, 0o600)
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
