# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Where operating systems keep their trust anchors, what makes a bundle of them, and how anchors are named."""

import os
import re
import shlex
from typing import Callable, NamedTuple, Optional, Sequence, Tuple

__all__ = (
    "ANCHOR_SUFFIX",
    "CUSTOM",
    "STORES",
    "Store",
    "TrustStoreError",
    "anchor_name",
    "customized",
    "detect",
    "owns",
)

# update-ca-certificates takes no other suffix; p11-kit takes any.
ANCHOR_SUFFIX = ".crt"
_OWN_END = re.compile(r"(-[0-9a-f]{16})?(\.(crt|pem|cer|der))?\Z")


class TrustStoreError(ValueError):
    """The trust store cannot be brought to what was asked; the message completes "Cannot ...: "."""


class Store(NamedTuple):
    """One way in which systems keep trust anchors.

    The system reads all of ``anchors_dirs``; the first that can be written to is written to. Only files with
    ``suffix`` count (empty: all), those of subdirectories where the store is ``recursive``. Of each group of
    ``blocklist_dirs`` the first that exists is in force. In ``links_dir`` each certificate has a link by its file name,
    so that names must differ. ``hint`` says how to find out what made this store leave a certificate out.
    """

    name: str
    anchors_dirs: Tuple[str, ...]
    update: Tuple[str, ...]
    bundle: str
    blocklist_dirs: Tuple[Tuple[str, ...], ...] = ()
    links_dir: str = ""
    suffix: str = ""
    reads_der: bool = False
    recursive: bool = False
    hint: str = ""


STORES = (
    # p11-kit reads every file of its anchors directories, PEM or DER, and silently leaves out of the bundle what is
    # not a CA or is distrusted. "extract" is the one argument that every release of update-ca-trust takes (EL10 takes
    # nothing else). The blocklist was called blacklist before p11-kit 0.24.
    Store(
        name="rhel",
        anchors_dirs=("/usr/share/pki/ca-trust-source/anchors", "/etc/pki/ca-trust/source/anchors"),
        update=("update-ca-trust", "extract"),
        bundle="/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        blocklist_dirs=(
            ("/etc/pki/ca-trust/source/blocklist", "/etc/pki/ca-trust/source/blacklist"),
            ("/usr/share/pki/ca-trust-source/blocklist", "/usr/share/pki/ca-trust-source/blacklist"),
        ),
        reads_der=True,
        hint="p11-kit leaves out what is no CA for TLS servers; 'trust list --filter=ca-anchors' shows the rest",
    ),
    # update-ca-certificates concatenates *.crt files, of any depth, unread. An argument that it does not know makes
    # it exit 0 without doing anything. Without --fresh, hash links of removed or replaced anchors stay behind, also
    # those of an interrupted run.
    Store(
        name="debian",
        anchors_dirs=("/usr/local/share/ca-certificates",),
        update=("update-ca-certificates", "--fresh"),
        bundle="/etc/ssl/certs/ca-certificates.crt",
        links_dir="/etc/ssl/certs",
        suffix=ANCHOR_SUFFIX,
        recursive=True,
        hint="'update-ca-certificates --fresh --verbose' shows what it does",
    ),
)


# For a host whose anchors directory, update command and bundle are all given.
CUSTOM = Store(name="custom", anchors_dirs=(), update=(), bundle="")


def detect(is_dir: Callable[[str], bool], find_command: Callable[[str], Optional[str]]) -> Store:
    """The store of this host, chosen by what is on its disk: an anchors directory and the command that reads it.

    Raises: TrustStoreError when there is none; the message names everything that was looked for.
    """
    for store in STORES:
        if find_command(store.update[0]) and any(is_dir(path) for path in store.anchors_dirs):
            return store
    sought = "; ".join(
        "{}: {} and {}".format(store.name, store.update[0], " or ".join(store.anchors_dirs)) for store in STORES
    )
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
    if given and not re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z", stem):
        raise TrustStoreError(
            f"{given!r} cannot name an anchor: set name to letters, digits, dots, underscores and hyphens"
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


def owns(name: str, path: str, directories: Sequence[str]) -> bool:
    """Whether ``path`` is an anchor of this name: NAME.crt, NAME-<16 hexadecimal digits>.crt or hand-made NAME.pem."""
    directory, base = os.path.split(path)
    return bool(name) and directory in directories and base.startswith(name) and bool(_OWN_END.match(base, len(name)))
