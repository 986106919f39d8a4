# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What is left to do for a host to trust the right certificates, as a plan that can be reported or carried out.

A certificate is its SHA-256 fingerprint (64 lower-case hexadecimal digits), whatever file it lies in.
"""

import os
from typing import AbstractSet, Any, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._pem import certificates_in, cut, fingerprint, public_key
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import (
    ANCHOR_SUFFIX,
    Store,
    TrustStoreError,
    owns,
)

__all__ = (
    "ANCHOR_MODE",
    "AnchorFile",
    "Blocked",
    "Certificate",
    "Change",
    "Look",
    "Outcome",
    "Plan",
    "Request",
    "differences",
    "plan",
    "read_request",
    "why_not",
)

# Programs of ordinary users read anchors through p11-kit, which skips a file that it may not open.
ANCHOR_MODE = 0o644


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
    """A certificate to be trusted or removed: canonical PEM, and the DER of its public key."""

    fingerprint: str
    pem: bytes
    public_key: bytes


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


def read_request(entry: Dict[str, Any]) -> Request:
    """The request in an entry of the option ``certificates`` as the controller hands it over: with canonical PEM."""
    content = (entry["content"] or "").encode("ascii")
    certificates = tuple(
        Certificate(fingerprint(found.der), content[found.start : found.end], public_key(found.der))
        for found in certificates_in(content)
    )
    return Request(
        entry["name"] or "", entry["state"] == "present", certificates, frozenset(entry["fingerprints"] or ())
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
    owned = {path for path in before if any(owns(request.name, path, look.writable_dirs) for request in requests)}
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


def why_not(store: Store, todo: Plan, trusted: AbstractSet[str]) -> Optional[str]:
    """Why the host is not as planned although everything was carried out; nothing if it is."""
    missing = sorted(todo.wanted - trusted)
    if missing:
        return f"{store.bundle} lacks {', '.join(missing)}" + (f" ({store.hint})" if store.hint else "")
    left = sorted(todo.unwanted & trusted)
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
                    f"this host distrusts {certificate.fingerprint}, or its key, by {entry.path}: remove that file "
                    "first if the certificate is to be trusted"
                )


def _in(part: bytes, whole: bytes) -> bool:
    return bool(part) and part in whole


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
        if anchor.content == certificate.pem and owns(request.name, anchor.path, look.writable_dirs):
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
