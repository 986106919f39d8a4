# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Where operating systems keep their trust anchors, and what is left to do for a host to trust the right ones.

A certificate is its SHA-256 fingerprint (64 lower-case hexadecimal digits), whatever file it lies in.
"""

import os
import re
from typing import (
    AbstractSet,
    Callable,
    Dict,
    FrozenSet,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Pattern,
    Sequence,
    Set,
    Tuple,
)

from ansible_collections.airgap.openshift.plugins.module_utils._pem import certificates_in, cut, fingerprint

__all__ = (
    "ANCHOR_MODE",
    "CUSTOM",
    "STORES",
    "AnchorFile",
    "Blocked",
    "Certificate",
    "Change",
    "Look",
    "Outcome",
    "Plan",
    "Request",
    "Store",
    "TrustStoreError",
    "anchor_name",
    "customized",
    "detect",
    "differences",
    "plan",
    "why_not",
)

# Programs of ordinary users read anchors through p11-kit, which skips a file that it may not open.
ANCHOR_MODE = 0o644
# update-ca-certificates takes no other suffix; p11-kit takes any.
ANCHOR_SUFFIX = ".crt"


class TrustStoreError(ValueError):
    """The trust store cannot be brought to what was asked; the message completes "Cannot ...: "."""


class Store(NamedTuple):
    """One way in which systems keep trust anchors.

    The system reads all of ``anchors_dirs``; the first that can be written to is written to. Only files with
    ``suffix`` count (empty: all), those of subdirectories where the store is ``recursive``. ``hint`` says how an
    administrator finds out what made this store leave a certificate out.
    """

    name: str
    anchors_dirs: Tuple[str, ...]
    update: Tuple[str, ...]
    update_after_removal: Tuple[str, ...]
    bundle: str
    blocklist_dirs: Tuple[str, ...] = ()
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
        update_after_removal=("update-ca-trust", "extract"),
        bundle="/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        blocklist_dirs=(
            "/etc/pki/ca-trust/source/blocklist",
            "/etc/pki/ca-trust/source/blacklist",
            "/usr/share/pki/ca-trust-source/blocklist",
            "/usr/share/pki/ca-trust-source/blacklist",
        ),
        reads_der=True,
        hint="p11-kit leaves out what is no CA for TLS servers; 'trust list --filter=ca-anchors' shows the rest",
    ),
    # update-ca-certificates concatenates *.crt files, of any depth, unread. An argument that it does not know makes
    # it exit 0 without doing anything. Without --fresh, hash links of removed or replaced anchors stay behind.
    Store(
        name="debian",
        anchors_dirs=("/usr/local/share/ca-certificates",),
        update=("update-ca-certificates",),
        update_after_removal=("update-ca-certificates", "--fresh"),
        bundle="/etc/ssl/certs/ca-certificates.crt",
        suffix=ANCHOR_SUFFIX,
        recursive=True,
        hint="'update-ca-certificates --verbose' shows what it does",
    ),
)


# For a host whose anchors directory, update command and bundle are all given.
CUSTOM = Store(name="custom", anchors_dirs=(), update=(), update_after_removal=(), bundle="")


class AnchorFile(NamedTuple):
    """A file that the store reads anchors from; ``mode`` holds its permission bits."""

    path: str
    content: bytes
    mode: int


class Blocked(NamedTuple):
    """A file in a blocklist, as DER."""

    path: str
    content: bytes


class Look(NamedTuple):
    """What was found on the host.

    New anchors go to the first of ``writable_dirs``. ``trusted`` are the fingerprints in the bundle. ``stale`` says
    that an anchors directory changed after the bundle was made: an earlier run was interrupted, or somebody forgot
    the update command.
    """

    writable_dirs: Tuple[str, ...]
    anchors: Tuple[AnchorFile, ...]
    trusted: FrozenSet[str]
    blocked: Tuple[Blocked, ...] = ()
    stale: bool = False


class Certificate(NamedTuple):
    """A certificate to be trusted or removed: canonical PEM, and the DER of its public key (empty if not known)."""

    fingerprint: str
    pem: bytes
    subject: str = ""
    public_key: bytes = b""

    @property
    def label(self) -> str:
        """How messages name it."""
        return f"{self.subject} (SHA-256 {self.fingerprint})"


class Request(NamedTuple):
    """What is asked for under one ``name``; a request without a name removes certificates wherever they are."""

    name: str
    present: bool
    certificates: Tuple[Certificate, ...] = ()
    fingerprints: FrozenSet[str] = frozenset()

    @property
    def identities(self) -> Set[str]:
        """The fingerprints that the request names."""
        return {certificate.fingerprint for certificate in self.certificates} | self.fingerprints


class Change(NamedTuple):
    """An anchor file as it is and as it shall be; ``None`` is no such file."""

    path: str
    before: Optional[AnchorFile]
    after: Optional[AnchorFile]


class Outcome(NamedTuple):
    """What happens to a certificate.

    ``action`` is added (a new anchor), updated (its anchor file is put right), refreshed (anchored, but the bundle
    lacks it), removed, unchanged (present) or absent (and was so before). ``path`` is the anchor file that will hold
    it or, if it is removed, held it.
    """

    fingerprint: str
    path: Optional[str]
    action: str


class Plan(NamedTuple):
    """What is left to do; check mode reports it, a real run carries it out.

    Afterwards ``wanted`` have to be in the bundle and ``unwanted`` must not be.
    """

    changes: Tuple[Change, ...]
    refresh: bool
    wanted: FrozenSet[str]
    unwanted: FrozenSet[str]
    outcomes: Tuple[Outcome, ...]

    @property
    def changed(self) -> bool:
        """Whether anything is left to do."""
        return bool(self.changes) or self.refresh

    @property
    def removes(self) -> bool:
        """Whether an anchor goes away or becomes another one."""
        return any(change.before for change in self.changes)

    def undone(self) -> "Plan":
        """The plan that takes every change back."""
        back = tuple(Change(change.path, change.after, change.before) for change in self.changes)
        return self._replace(changes=back, refresh=True, wanted=frozenset(), unwanted=frozenset())


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
    stem = re.sub(r"\.(crt|pem|cer|der|p7b)$", "", name or os.path.basename(src or ""), flags=re.IGNORECASE)
    if stem and not re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z", stem):
        raise TrustStoreError(
            f"{stem!r} cannot name an anchor: set name to letters, digits, dots, underscores and hyphens"
        )
    if re.search(r"-[0-9a-f]{16}$", stem):
        raise TrustStoreError(f"{stem!r} ends as the names of single certificates of a bundle do: set another name")
    return stem


def customized(store: Store, anchors_dir: Optional[str], update: Sequence[str], bundle: Optional[str]) -> Store:
    """``store`` with what an administrator set in place of what is usual."""
    return store._replace(
        anchors_dirs=(anchors_dir,) if anchors_dir else store.anchors_dirs,
        update=tuple(update) or store.update,
        update_after_removal=tuple(update) or store.update_after_removal,
        bundle=bundle or store.bundle,
    )


def plan(store: Store, requests: Sequence[Request], look: Look) -> Plan:
    """Compare what is asked for with what is there.

    Raises: TrustStoreError for requests that contradict each other and for certificates that the host distrusts.
    """
    wanted = {identity for request in requests if request.present for identity in request.identities}
    unwanted = {identity for request in requests if not request.present for identity in request.identities}
    _refuse_contradictions(requests, wanted & unwanted)
    _refuse_blocked(requests, look.blocked)
    before = {anchor.path: anchor for anchor in look.anchors}
    owned = {path for path in before if any(_owns(request.name, path, look.writable_dirs) for request in requests)}
    held = _held(store, look.anchors, owned)
    placed = _placed([request for request in requests if request.present], look, held)
    after: Dict[str, Optional[AnchorFile]] = dict.fromkeys(owned)
    after.update((anchor.path, anchor) for anchor in placed.values())
    after.update(_stripped(store, [before[path] for path in before if path not in owned], unwanted))
    changes = tuple(
        Change(path, before.get(path), after[path]) for path in sorted(after) if before.get(path) != after[path]
    )
    return Plan(
        changes=changes,
        refresh=bool(changes or look.stale or wanted - look.trusted or unwanted & look.trusted),
        wanted=frozenset(wanted),
        unwanted=frozenset(unwanted),
        outcomes=_outcomes(store, look, changes, wanted, unwanted),
    )


def why_not(store: Store, todo: Plan, trusted: AbstractSet[str], requests: Sequence[Request]) -> Optional[str]:
    """Why the host is not as planned although everything was carried out; nothing if it is."""
    names = {certificate.fingerprint: certificate.label for request in requests for certificate in request.certificates}
    missing = [names.get(identity, identity) for identity in sorted(todo.wanted - trusted)]
    if missing:
        return f"{store.bundle} lacks {', '.join(missing)}" + (f" ({store.hint})" if store.hint else "")
    left = [names.get(identity, identity) for identity in sorted(todo.unwanted & trusted)]
    if left:
        return f"{store.bundle} still holds {', '.join(left)}, which is no anchor here but comes with the system"
    return None


def differences(todo: Plan, bundle: str) -> List[Dict[str, str]]:
    """The plan as Ansible's diff: mode and fingerprints of each anchor file, and whether the bundle is made anew."""
    shown = [
        {
            "before_header": change.path,
            "before": _shown(change.before),
            "after_header": change.path,
            "after": _shown(change.after),
        }
        for change in todo.changes
    ]
    if todo.refresh:
        shown.append(
            {"before_header": bundle, "before": "out of date\n", "after_header": bundle, "after": "up to date\n"}
        )
    return shown


def _shown(anchor: Optional[AnchorFile]) -> str:
    if anchor is None:
        return ""
    found = (fingerprint(found.der) for found in certificates_in(anchor.content, reads_der=True))
    return f"mode {anchor.mode:04o}\n" + "".join(f"certificate {identity}\n" for identity in found)


def _refuse_contradictions(requests: Sequence[Request], both: AbstractSet[str]) -> None:
    if both:
        raise TrustStoreError(f"the certificate {min(both)} is asked to be present and to be absent")
    names = [request.name for request in requests if request.name]
    for name in names:
        if names.count(name) > 1:
            raise TrustStoreError(f"the name {name} is used more than once: give each entry a name of its own")


def _refuse_blocked(requests: Sequence[Request], blocked: Sequence[Blocked]) -> None:
    """Distrust wins over every anchor, for the certificate and for all others with its key, and says nothing."""
    for certificate in (certificate for request in requests if request.present for certificate in request.certificates):
        for entry in blocked:
            ders = [found.der for found in certificates_in(entry.content, reads_der=True)]
            if any(fingerprint(der) == certificate.fingerprint or _in(certificate.public_key, der) for der in ders):
                raise TrustStoreError(
                    f"this host distrusts {certificate.label}, or its key, by {entry.path}: remove that file first if "
                    "the certificate is to be trusted"
                )


def _in(part: bytes, whole: bytes) -> bool:
    return bool(part) and part in whole


def _owns(name: str, path: str, directories: Sequence[str]) -> bool:
    """Whether ``path`` is an anchor of this name: NAME.crt, NAME-<16 hexadecimal digits>.crt or hand-made NAME.pem."""
    directory, base = os.path.split(path)
    return bool(name) and directory in directories and bool(_named(name).match(base))


def _named(name: str) -> Pattern[str]:
    return re.compile(re.escape(name) + r"(-[0-9a-f]{16})?(\.(crt|pem|cer|der))?\Z")


def _held(store: Store, anchors: Sequence[AnchorFile], owned: AbstractSet[str]) -> Dict[str, str]:
    """Fingerprint and path of each certificate that is anchored in a file that no request owns."""
    held: Dict[str, str] = {}
    for anchor in anchors:
        if anchor.path not in owned:
            for found in certificates_in(anchor.content, store.reads_der):
                held.setdefault(fingerprint(found.der), anchor.path)
    return held


def _placed(requests: Sequence[Request], look: Look, held: Dict[str, str]) -> Dict[str, AnchorFile]:
    """The anchor file for each certificate that is not ``held`` already, by fingerprint."""
    placed: Dict[str, AnchorFile] = {}
    for request in requests:
        for certificate in request.certificates:
            if certificate.fingerprint not in held and certificate.fingerprint not in placed:
                path = _place(request, certificate, look)
                placed[certificate.fingerprint] = AnchorFile(path, certificate.pem, ANCHOR_MODE)
    return placed


def _place(request: Request, certificate: Certificate, look: Look) -> str:
    """Where a certificate lies already under the request's name, or else where it will."""
    for anchor in look.anchors:
        if anchor.content == certificate.pem and _owns(request.name, anchor.path, look.writable_dirs):
            return anchor.path
    distinction = "-" + certificate.fingerprint[:16] if len(request.certificates) > 1 else ""
    return os.path.join(look.writable_dirs[0], request.name + distinction + ANCHOR_SUFFIX)


def _stripped(
    store: Store, anchors: Sequence[AnchorFile], unwanted: AbstractSet[str]
) -> Iterator[Tuple[str, Optional[AnchorFile]]]:
    """The anchor files that hold unwanted certificates, without them."""
    for anchor in anchors:
        if unwanted & {fingerprint(found.der) for found in certificates_in(anchor.content, store.reads_der)}:
            rest = cut(anchor.content, unwanted, store.reads_der)
            yield anchor.path, None if rest is None else anchor._replace(content=rest)


def _outcomes(
    store: Store, look: Look, changes: Sequence[Change], wanted: AbstractSet[str], unwanted: AbstractSet[str]
) -> Tuple[Outcome, ...]:
    """One outcome for each certificate that is asked for or lies in a file that changes, ordered by fingerprint."""
    changed = {change.path: change for change in changes}
    before = _held(store, [change.before for change in changes if change.before], frozenset())
    after = _held(store, [change.after for change in changes if change.after], frozenset())
    untouched = _held(store, look.anchors, frozenset(changed))

    def outcome(identity: str) -> Outcome:
        path = after.get(identity, untouched.get(identity))
        if path is None:
            was = identity in before or identity in look.trusted
            return Outcome(identity, before.get(identity), "removed" if was else "absent")
        if path in changed:
            return Outcome(identity, path, "updated" if before.get(identity) == path else "added")
        return Outcome(identity, path, "unchanged" if identity in look.trusted else "refreshed")

    return tuple(outcome(identity) for identity in sorted(wanted | unwanted | set(before)))
