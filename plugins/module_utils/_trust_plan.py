# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What is left to do for a host to trust the right certificates, as a plan that can be reported or carried out.

A certificate is its SHA-256 fingerprint (64 lower-case hexadecimal digits), whatever file it lies in.
"""

import collections
import os
from typing import AbstractSet, Any, Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._pem import (
    certificates_in,
    cut,
    fingerprint,
    public_key,
    readable_in,
)
from ansible_collections.airgap.openshift.plugins.module_utils._trust_own import is_marked, marked, others_in, unmarked
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import (
    ANCHOR_SUFFIX,
    Store,
    TrustStoreError,
    stems,
)
from ansible_collections.airgap.openshift.plugins.module_utils._words import visible

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
    "afterwards",
    "differences",
    "plan",
    "read_request",
    "reported",
    "why_lost",
    "why_not",
)

# Programs of ordinary users read anchors through p11-kit, which skips a file that it may not open.
ANCHOR_MODE = 0o644


class AnchorFile(NamedTuple):
    """A file that the store reads anchors from.

    ``mode`` holds its permission bits, ``owner`` the numbers of its user and group. A symbolic link to a file has in
    ``link`` what it points to, and the rest as that file has it.
    """

    path: str
    content: bytes
    mode: int
    owner: Tuple[int, int] = (0, 0)
    link: Optional[str] = None


class Blocked(NamedTuple):
    """A file in a blocklist; it is not known whether that is in force where there is another of the same rank."""

    path: str
    content: bytes
    in_force: bool = True


class Look(NamedTuple):
    """What was found on the host.

    New anchors go to the first of ``writable_dirs`` and belong to ``owner``. ``trusted`` are the fingerprints in the
    bundle. ``stale`` says that an anchors directory changed after the bundle was made: an earlier run was interrupted,
    or somebody forgot the update command; ``None`` is that this cannot be told. ``taken`` are file name stems that
    certificates of the system have.
    """

    writable_dirs: Tuple[str, ...]
    anchors: Tuple[AnchorFile, ...]
    trusted: FrozenSet[str]
    blocked: Tuple[Blocked, ...] = ()
    stale: Optional[bool] = False
    owner: Tuple[int, int] = (0, 0)
    taken: FrozenSet[str] = frozenset()


class Certificate(NamedTuple):
    """A certificate to be trusted or removed: canonical PEM, and the DER of its public key."""

    fingerprint: str
    pem: bytes
    public_key: bytes


class Request(NamedTuple):
    """What is asked for under one ``name``; a request without a name removes certificates wherever they are.

    With ``only_own`` nothing is removed but anchors that ca_trust made under the name, and of the certificates it is
    told what is left of them.
    """

    name: str
    present: bool
    certificates: Tuple[Certificate, ...] = ()
    fingerprints: FrozenSet[str] = frozenset()
    only_own: bool = False

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
    lacks it), removed, unchanged (present), absent (and was so before) or left (by a request for ``only_own``, since
    ca_trust did not make all of its anchors). ``path`` is the anchor file that will hold it or, if it is removed, held
    it. ``trusted`` is whether the bundle will hold it, as far as can be told before.
    """

    fingerprint: str
    path: Optional[str]
    action: str
    trusted: bool


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

    def undone(self) -> Tuple[Change, ...]:
        """The changes that take all changes back."""
        return tuple(Change(change.path, change.after, change.before) for change in self.changes)

    def looked_up(self, trusted: AbstractSet[str]) -> Tuple[Outcome, ...]:
        """The outcomes with what the bundle really holds."""
        return tuple(outcome._replace(trusted=outcome.fingerprint in trusted) for outcome in self.outcomes)


def read_request(entry: Dict[str, Any]) -> Request:
    """The request in an entry of the option ``certificates`` as the controller hands it over: with canonical PEM."""
    content = (entry["content"] or "").encode("ascii")
    certificates = tuple(
        Certificate(fingerprint(found.der), content[found.start : found.end], public_key(found.der))
        for found in certificates_in(content)
    )
    return Request(
        name=entry["name"] or "",
        present=entry["state"] == "present",
        certificates=certificates,
        fingerprints=frozenset(entry["fingerprints"] or ()),
        only_own=entry["only_own"] and entry["state"] == "absent",
    )


def plan(store: Store, requests: Sequence[Request], look: Look) -> Plan:
    """Compare what is asked for with what is there.

    Raises: TrustStoreError for what cannot be had: requests that contradict each other, certificates that the host
    distrusts or brings along by itself, names that are taken.
    """
    present = [request for request in requests if request.present]
    absent = [request for request in requests if not request.present and not request.only_own]
    wanted = {identity for request in present for identity in request.identities}
    unwanted = {identity for request in absent for identity in request.identities}
    _refuse_contradictions(requests, wanted & unwanted)
    _refuse_blocked(present, look.blocked)
    _refuse_unchangeable(store, look, requests, unwanted)
    before = {anchor.path: anchor for anchor in look.anchors}
    rests = _taken_back(look, {request.name for request in requests if request.only_own})
    owned = _under(look, {request.name for request in [*present, *absent]})
    others = [rest for rest in {**before, **rests}.values() if rest and rest.path not in owned]
    after: Dict[str, Optional[AnchorFile]] = {**rests, **dict.fromkeys(owned)}
    after.update(_placed(store, present, look, others))
    after.update(_stripped(store, look, others, unwanted))
    changes = tuple(
        Change(path, before.get(path), after[path]) for path in sorted(after) if before.get(path) != after[path]
    )
    return Plan(
        changes=changes,
        refresh=bool(changes or look.stale or wanted - look.trusted or unwanted & look.trusted),
        wanted=frozenset(wanted),
        unwanted=frozenset(unwanted),
        outcomes=_outcomes(store, look, changes, requests),
    )


def _under(look: Look, names: AbstractSet[str]) -> Set[str]:
    """The paths of the anchor files that are named so."""
    directories = look.writable_dirs
    return {anchor.path for anchor in look.anchors if names & stems(anchor.path, directories)} if names else set()


def _taken_back(look: Look, names: AbstractSet[str]) -> Dict[str, Optional[AnchorFile]]:
    """By path, what remains of the anchor files that ca_trust made under these names."""
    paths = _under(look, names)
    own = [anchor for anchor in look.anchors if anchor.path in paths and _is_own(anchor)]
    rests = {anchor: others_in(anchor.content) for anchor in own}
    return {anchor.path: None if rest is None else anchor._replace(content=rest) for anchor, rest in rests.items()}


def afterwards(seen: Look, outcomes: Sequence[Outcome]) -> Tuple[AbstractSet[str], AbstractSet[str]]:
    """What the host trusts after these outcomes, and which of the certificates that were asked about it does not."""
    distrusted = {outcome.fingerprint for outcome in outcomes if not outcome.trusted}
    return (seen.trusted | {outcome.fingerprint for outcome in outcomes}) - distrusted, distrusted


def why_not(store: Store, todo: Plan, seen: Look) -> Optional[str]:
    """Why the host is not as planned although everything was carried out; nothing if it is."""
    missing = sorted(todo.wanted - seen.trusted)
    if missing:
        hint = _distrusted(seen, missing) or store.hint
        return f"{store.bundle} lacks {', '.join(missing)}" + (f" ({hint})" if hint else "")
    left = sorted(todo.unwanted & seen.trusted)
    if left:
        return f"{store.bundle} still holds {', '.join(left)}"
    if seen.stale:
        return f"{store.bundle} was not made anew"
    return None


def why_lost(store: Store, todo: Plan, before: Look, seen: Look) -> Optional[str]:
    """What a command that failed has done to the bundle beside what was asked; nothing if all others are there still.

    One that succeeds may leave out what others have removed before it.
    """
    replaced = {
        fingerprint(found.der)
        for change in todo.changes
        if change.before
        for found in certificates_in(change.before.content, reads_der=True)
    }
    lost = before.trusted - seen.trusted - todo.unwanted - replaced
    return f"{store.bundle} lost {len(lost)} of the certificates that were to stay" if lost else None


def _distrusted(seen: Look, missing: Sequence[str]) -> str:
    """Which file of a blocklist may be why certificates are missing although they are anchored."""
    for anchor in seen.anchors if seen.blocked else ():
        for found in certificates_in(anchor.content, reads_der=True):
            path = _distrusting(_ders(seen.blocked), fingerprint(found.der), public_key(found.der))
            if path and fingerprint(found.der) in missing:
                return f"{path} distrusts {fingerprint(found.der)}, or its key"
    return ""


def _ders(blocked: Sequence[Blocked]) -> List[Tuple[str, bytes]]:
    return [(entry.path, found.der) for entry in blocked for found in certificates_in(entry.content, reads_der=True)]


def _distrusting(ders: Sequence[Tuple[str, bytes]], identity: str, key: bytes) -> Optional[str]:
    """The file that distrusts a certificate, or every certificate with its key."""
    return next((path for path, der in ders if fingerprint(der) == identity or (key and key in der)), None)


def reported(store: Store, todo: Plan, outcomes: Sequence[Outcome]) -> Dict[str, Any]:
    """What a task returns of a plan, whether it was carried out or would be, and of its outcomes."""
    return {
        "changed": todo.changed,
        "diff": differences(todo, store.bundle),
        "certificates": [outcome._asdict() for outcome in outcomes],
        "store": store.name,
        "bundle": store.bundle,
        "trusted": bool(todo.wanted),
    }


def differences(todo: Plan, bundle: str) -> List[Dict[str, str]]:
    """The plan as Ansible's diff: the fingerprints in each anchor file, and whether the bundle is made anew."""
    shown = [
        {
            "before_header": path,
            "before": _shown(change.before),
            "after_header": path,
            "after": _shown(change.after),
        }
        for path, change in ((visible(change.path), change) for change in todo.changes)
    ]
    if todo.refresh:
        shown.append(
            {"before_header": bundle, "before": "out of date\n", "after_header": bundle, "after": "up to date\n"}
        )
    return shown


def _shown(anchor: Optional[AnchorFile]) -> str:
    if anchor is None:
        return ""
    lines = [f"link to {visible(anchor.link)}"] if anchor.link else []
    lines += [f"mode {anchor.mode:04o}, owner {anchor.owner[0]}:{anchor.owner[1]}, {len(anchor.content)} bytes"]
    lines += [f"certificate {fingerprint(found.der)}" for found in certificates_in(anchor.content, reads_der=True)]
    return "".join(line + "\n" for line in lines)


def _refuse_contradictions(requests: Sequence[Request], both: AbstractSet[str]) -> None:
    if both:
        raise TrustStoreError(f"{min(both)} is asked to be present and to be absent: decide for one")
    names = collections.Counter(request.name for request in requests if request.name)
    for name in [name for name, times in names.items() if times > 1]:
        raise TrustStoreError(f"the name {name} is used more than once: give each entry a name of its own")


def _refuse_blocked(present: Sequence[Request], blocked: Sequence[Blocked]) -> None:
    """Distrust wins over every anchor, for the certificate and for all others with its key, and says nothing."""
    ders = _ders([entry for entry in blocked if entry.in_force])
    for certificate in (certificate for request in present for certificate in request.certificates):
        path = _distrusting(ders, certificate.fingerprint, certificate.public_key)
        if path:
            raise TrustStoreError(
                f"this host distrusts {certificate.fingerprint}, or its key, by {path}: remove that file first if "
                "the certificate is to be trusted"
            )


def _refuse_unchangeable(store: Store, look: Look, requests: Sequence[Request], unwanted: AbstractSet[str]) -> None:
    _refuse_read_only(store, look, requests)
    foreign = unwanted & _foreign(store, look)
    if foreign:
        raise TrustStoreError(
            f"{', '.join(sorted(foreign))} is in {store.bundle} without being an anchor: it comes with the system and "
            "can only be distrusted by the system's own means"
        )


def _refuse_read_only(store: Store, look: Look, requests: Sequence[Request]) -> None:
    """An anchor of a name that is to hold something else, or nothing, would stay trusted where it cannot be changed."""
    read_only = [path for path in store.anchors_dirs if path not in look.writable_dirs]
    for anchor in look.anchors if read_only else ():
        names = stems(anchor.path, read_only)
        for request in requests:
            if request.name in names and not _may_stay(anchor, request):
                remedy = "set another name" if request.present else "distrust it by the system's own means"
                raise TrustStoreError(
                    f"{anchor.path} cannot be changed, since it is in a read-only part of the system: {remedy}"
                )


def _may_stay(anchor: AnchorFile, request: Request) -> bool:
    if request.only_own:
        return not _is_own(anchor)
    held = {fingerprint(found.der) for found in certificates_in(anchor.content, reads_der=True)}
    return request.present and held <= request.identities


def _foreign(store: Store, look: Look) -> AbstractSet[str]:
    """What the system brings along: the bundle has it without an anchor. In a bundle out of date it may be a rest."""
    return look.trusted - set(_where(store, look.anchors)) if look.stale is False else frozenset()


def _where(store: Store, anchors: Sequence[AnchorFile]) -> Dict[str, str]:
    """Fingerprint and path of each certificate that any program could find in these files."""
    places: Dict[str, str] = {}
    for anchor in anchors:
        for found in certificates_in(anchor.content, store.reads_der):
            places.setdefault(fingerprint(found.der), anchor.path)
    return places


def _held(store: Store, look: Look, others: Sequence[AnchorFile]) -> Set[str]:
    """The certificates that the system brings along, or others' files anchor well enough for the bundle to have them.

    A second copy would do no more, and makes Debian's command complain of duplicates.
    """
    readable = {identity for anchor in others for identity in readable_in(anchor.content, store.reads_der)}
    return (readable if look.stale else readable & look.trusted) | _foreign(store, look)


def _placed(
    store: Store, present: Sequence[Request], look: Look, others: Sequence[AnchorFile]
) -> Dict[str, Optional[AnchorFile]]:
    """The anchor files for the certificates that others do not hold, by path."""
    placed: Dict[str, Optional[AnchorFile]] = {}
    done = _held(store, look, others)
    there = {anchor.path for anchor in look.anchors}
    lying = _lying(look)
    by_hand = _by_hand(store, look, others)
    for request in present:
        for certificate in request.certificates:
            if certificate.fingerprint not in done:
                done.add(certificate.fingerprint)
                path = lying.get((request.name, certificate.pem)) or _place(request, certificate, look)
                if path not in there and os.path.splitext(os.path.basename(path))[0] in look.taken:
                    raise TrustStoreError(
                        f"the name {request.name} is that of a certificate of the system: set another"
                    )
                content = certificate.pem if certificate.fingerprint in by_hand else marked(certificate.pem)
                placed[path] = AnchorFile(path, content, ANCHOR_MODE, look.owner)
    return placed


def _by_hand(store: Store, look: Look, others: Sequence[AnchorFile]) -> AbstractSet[str]:
    """The certificates in files that will be replaced and were not made by ca_trust: it does not make them its own."""
    kept = {anchor.path for anchor in others}
    return _where(store, [each for each in look.anchors if each.path not in kept and not _is_own(each)]).keys()


def _is_own(anchor: AnchorFile) -> bool:
    return not anchor.link and is_marked(anchor.content)


def _lying(look: Look) -> Dict[Tuple[str, bytes], str]:
    """Where a certificate, in canonical PEM, lies already under a name."""
    lying: Dict[Tuple[str, bytes], str] = {}
    for anchor in look.anchors:
        for name in stems(anchor.path, look.writable_dirs):
            lying.setdefault((name, unmarked(anchor.content)), anchor.path)
    return lying


def _place(request: Request, certificate: Certificate, look: Look) -> str:
    """Where a certificate will lie under the request's name."""
    distinction = "-" + certificate.fingerprint[:16] if len(request.certificates) > 1 else ""
    return os.path.join(look.writable_dirs[0], request.name + distinction + ANCHOR_SUFFIX)


def _stripped(
    store: Store, look: Look, others: Sequence[AnchorFile], unwanted: AbstractSet[str]
) -> Iterator[Tuple[str, Optional[AnchorFile]]]:
    """The anchor files that hold unwanted certificates, without them."""
    for anchor in others:
        if unwanted & {fingerprint(found.der) for found in certificates_in(anchor.content, store.reads_der)}:
            if not any(anchor.path.startswith(directory + "/") for directory in look.writable_dirs):
                raise TrustStoreError(
                    f"{anchor.path} belongs to the read-only part of the system: remove it from its image"
                )
            rest = cut(anchor.content, unwanted, store.reads_der)
            yield anchor.path, None if rest is None else anchor._replace(content=rest, link=None)


def _outcomes(store: Store, look: Look, changes: Sequence[Change], requests: Sequence[Request]) -> Tuple[Outcome, ...]:
    """One outcome for each certificate that is asked for or lies in a file that changes, ordered by fingerprint."""
    changed = {change.path for change in changes}
    before = _where(store, [change.before for change in changes if change.before])
    after = _where(store, [change.after for change in changes if change.after])
    untouched = _where(store, [anchor for anchor in look.anchors if anchor.path not in changed])
    wanted = {identity for request in requests if request.present for identity in request.identities}
    asked = {identity for request in requests for identity in request.identities}
    foreign, in_question = _foreign(store, look), _in_question(store, look, requests) - wanted

    def outcome(identity: str) -> Outcome:
        path = after.get(identity, untouched.get(identity))
        if identity in in_question and (path or identity in foreign):
            return Outcome(identity, path, "left", trusted=identity in look.trusted)
        if path is None and identity in wanted:
            return Outcome(identity, None, "unchanged", trusted=True)
        if path is None:
            was = identity in before or identity in look.trusted
            return Outcome(identity, before.get(identity), "removed" if was else "absent", trusted=False)
        if path in changed:
            return Outcome(identity, path, "updated" if before.get(identity) == path else "added", trusted=True)
        known = identity in look.trusted
        return Outcome(identity, path, "unchanged" if known else "refreshed", trusted=known or identity in wanted)

    return tuple(outcome(identity) for identity in sorted(asked | in_question | set(before)))


def _in_question(store: Store, look: Look, requests: Sequence[Request]) -> Set[str]:
    """The certificates that somebody may believe to be taken back: in files of such names, or named themselves."""
    only_own = [request for request in requests if request.only_own]
    paths = _under(look, {request.name for request in only_own})
    named = {identity for request in only_own for identity in request.identities}
    return named | set(_where(store, [anchor for anchor in look.anchors if anchor.path in paths]))
