# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Where operating systems keep their trust anchors, what makes a bundle of them, and how anchors are named."""

import os
import re
import shlex
from typing import AbstractSet, Callable, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._words import VisibleError

__all__ = (
    "ANCHOR_SUFFIX",
    "CUSTOM",
    "STORES",
    "Store",
    "TrustStoreError",
    "anchor_name",
    "chosen",
    "customized",
    "detect",
    "stems",
)

# update-ca-certificates takes no other suffix; p11-kit takes any.
ANCHOR_SUFFIX = ".crt"
_SUFFIX = re.compile(r"\.(crt|pem|cer|der)\Z")
# Characters of a name: with what is added to it, file systems take 255 bytes.
_LONGEST_NAME = 200
_DISTINCTION = re.compile(r"-[0-9a-f]{16}\Z")


class TrustStoreError(VisibleError):
    """The trust store cannot be brought to what was asked; the message completes "Cannot ...: "."""


class Store(NamedTuple):
    """One way in which systems keep trust anchors.

    The system reads all of ``anchors_dirs``; the first that can be written to is written to. Where these and the
    command do not tell systems apart, ``marker`` is a directory that only this one has. Only files with ``suffix``
    count (empty: all), those of subdirectories where the store is ``recursive``, hidden ones unless it
    ``skips_hidden``. Of each group of ``blocklist_dirs`` one is in force, according to the release of p11-kit. In
    ``links_dir`` each certificate has a link, named ``link_prefix`` and its file name, so that names must differ.
    The command adds to ``scratch``, which one that was killed may have left. ``hint`` says how to find out what made
    this store leave a certificate out.
    """

    name: str
    anchors_dirs: Tuple[str, ...]
    update: Tuple[str, ...]
    bundle: str
    marker: str = "/"
    blocklist_dirs: Tuple[Tuple[str, ...], ...] = ()
    links_dir: str = ""
    link_prefix: str = ""
    suffix: str = ""
    reads_der: bool = False
    recursive: bool = False
    skips_hidden: bool = False
    scratch: str = ""
    hint: str = ""

    @property
    def mark(self) -> str:
        """A file that is there while the command runs, and stays where that is cut off."""
        return os.path.join(os.path.dirname(self.bundle), ".airgap-openshift-update")


def _blocklists(*parents: str) -> Tuple[Tuple[str, ...], ...]:
    """Both names of each blocklist: p11-kit before 0.24 (RHEL 8) reads only the second, later releases the first."""
    return tuple((f"{parent}/blocklist", f"{parent}/blacklist") for parent in parents)


_P11_KIT_HINT = "p11-kit leaves out what is no CA for TLS servers; 'trust list --filter=ca-anchors' shows the rest"

# p11-kit reads every file of its anchors directories, PEM or DER, and silently leaves out of the bundle what is not a
# CA or is distrusted. Debian's store comes last, because others have its directory and a command of the same name too.
STORES = (
    # RHEL 7 to 10, CentOS, Fedora, Amazon Linux. "extract" is the one argument that every release of update-ca-trust
    # takes: the old script ignores all of them, the new one refuses all others.
    Store(
        name="rhel",
        anchors_dirs=("/usr/share/pki/ca-trust-source/anchors", "/etc/pki/ca-trust/source/anchors"),
        update=("update-ca-trust", "extract"),
        bundle="/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        blocklist_dirs=_blocklists("/etc/pki/ca-trust/source", "/usr/share/pki/ca-trust-source"),
        reads_der=True,
        hint=_P11_KIT_HINT,
    ),
    Store(
        name="arch",
        anchors_dirs=("/etc/ca-certificates/trust-source/anchors", "/usr/share/ca-certificates/trust-source/anchors"),
        update=("update-ca-trust",),
        bundle="/etc/ca-certificates/extracted/tls-ca-bundle.pem",
        blocklist_dirs=_blocklists("/etc/ca-certificates/trust-source", "/usr/share/ca-certificates/trust-source"),
        reads_der=True,
        hint=_P11_KIT_HINT,
    ),
    # openSUSE and SLES. Without --fresh the bundle is left alone if it is newer than the directory made before it.
    Store(
        name="suse",
        anchors_dirs=("/etc/pki/trust/anchors", "/usr/share/pki/trust/anchors"),
        update=("update-ca-certificates", "--fresh"),
        bundle="/var/lib/ca-certificates/ca-bundle.pem",
        blocklist_dirs=_blocklists("/etc/pki/trust", "/usr/share/pki/trust"),
        reads_der=True,
        hint=_P11_KIT_HINT + "; update-ca-certificates does nothing while TRANSACTIONAL_UPDATE is set",
    ),
    # A program of Alpine's own, which knows no arguments and concatenates all files but hidden ones, unread.
    Store(
        name="alpine",
        anchors_dirs=("/usr/local/share/ca-certificates",),
        update=("update-ca-certificates",),
        bundle="/etc/ssl/certs/ca-certificates.crt",
        marker="/etc/apk",
        links_dir="/etc/ssl/certs",
        link_prefix="ca-cert-",
        skips_hidden=True,
        hint="update-ca-certificates warns of what it cannot read",
    ),
    # Debian and Ubuntu. update-ca-certificates concatenates *.crt files, of any depth, unread. An argument that it does
    # not know makes it exit 0 without doing anything. Without --fresh, hash links of removed or replaced anchors stay
    # behind, also those of an interrupted run.
    Store(
        name="debian",
        anchors_dirs=("/usr/local/share/ca-certificates",),
        update=("update-ca-certificates", "--fresh"),
        bundle="/etc/ssl/certs/ca-certificates.crt",
        links_dir="/etc/ssl/certs",
        suffix=ANCHOR_SUFFIX,
        recursive=True,
        scratch="/etc/ssl/certs/ca-certificates.crt.new",
        hint="'update-ca-certificates --fresh --verbose' shows what it does",
    ),
)


# For a host whose anchors directory, update command and bundle are all given.
CUSTOM = Store(name="custom", anchors_dirs=(), update=(), bundle="")


def chosen(
    anchors_dir: Optional[str],
    update: Optional[str],
    bundle: Optional[str],
    is_dir: Callable[[str], bool],
    find_command: Callable[[str], Optional[str]],
) -> Store:
    """The store to work on: what an administrator set, and the rest from the one that is found on this host.

    Raises: TrustStoreError when there is none, or the command is not one.
    """
    found = CUSTOM if anchors_dir and update and bundle else detect(is_dir, find_command)
    return customized(found, anchors_dir, update, bundle)


def detect(is_dir: Callable[[str], bool], find_command: Callable[[str], Optional[str]]) -> Store:
    """The store of this host, chosen by what is on its disk: an anchors directory and the command that reads it.

    Raises: TrustStoreError when there is none; the message names everything that was looked for.
    """
    for store in STORES:
        if is_dir(store.marker) and any(map(is_dir, store.anchors_dirs)) and find_command(store.update[0]):
            return store
    sought = "; ".join(f"{store.name}: {store.update[0]} and {' or '.join(store.anchors_dirs)}" for store in STORES)
    raise TrustStoreError(
        f"no trust store was found on this host. Looked for {sought}. Install the package ca-certificates, or set "
        "anchors_dir, update_command and bundle"
    )


def anchor_name(name: Optional[str], src: Optional[str]) -> str:
    """The stem of the file names of anchors: ``name``, else that of ``src``; empty if neither is given.

    Raises: TrustStoreError when it could not be told from another name's files, or is no plain file name.
    """
    given = name or os.path.basename(src or "")
    stem = re.sub(r"(\.(crt|pem|cer|der|p7b))+$", "", given, flags=re.IGNORECASE)
    if given and not re.match(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{_LONGEST_NAME - 1}}}\Z", stem):
        raise TrustStoreError(
            f"{given[:_LONGEST_NAME]!r} cannot name an anchor: set name to letters, digits, dots, underscores and "
            f"hyphens, {_LONGEST_NAME} at the most"
        )
    if re.search(r"-[0-9a-f]{16}$", stem):
        raise TrustStoreError(f"{stem!r} ends as the names of single certificates of a bundle do: set another name")
    return stem


def customized(store: Store, anchors_dir: Optional[str], update: Optional[str], bundle: Optional[str]) -> Store:
    """``store`` with what an administrator set in place of what is usual.

    Raises: TrustStoreError for a command with an open quotation.
    """
    try:
        command = tuple(shlex.split(update or ""))
    except ValueError as exc:
        raise TrustStoreError(
            f"update_command cannot be split into words ({exc}): correct its quotation marks"
        ) from None
    return store._replace(
        anchors_dirs=(os.path.normpath(anchors_dir),) if anchors_dir else store.anchors_dirs,
        update=command or store.update,
        bundle=bundle or store.bundle,
    )


def stems(path: str, directories: Sequence[str]) -> AbstractSet[str]:
    """The names that ``path`` may be an anchor of: NAME.crt, NAME-<16 hexadecimal digits>.crt or hand-made NAME.pem."""
    directory, base = os.path.split(path)
    if directory not in directories:
        return set()
    plain = _SUFFIX.sub("", base)
    return {base, plain, _DISTINCTION.sub("", base), _DISTINCTION.sub("", plain)} - {""}
