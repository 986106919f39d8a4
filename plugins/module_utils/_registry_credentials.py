# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Which credentials of an auth file the mirroring tools will use for an image, and why there are none."""

from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_key, _auth_lookup
from ansible_collections.airgap.openshift.plugins.module_utils._auth_finding import listing
from ansible_collections.airgap.openshift.plugins.module_utils._auth_lookup import Answer, Index, Login
from ansible_collections.airgap.openshift.plugins.module_utils._auth_readers import (
    CLIENTS,
    FAILS,
    FINDS_NOTHING,
    READERS,
    REFUSES,
    enumeration,
)
from ansible_collections.airgap.openshift.plugins.module_utils._registry_finding import Finding, finding

__all__ = ("Credentials", "Image", "Use", "credentials")

# Readers that take part in mirroring; the kubelet and docker read other files at other times.
_MIRRORING = ("podman", "oc", "catalog")
_DIFFERENCES = {
    "trailing-slash": "ends in '/'",
    "upper-case": "is in upper case",
    "upper-case-scheme": "begins with a scheme in upper case",
    "unusable-key": "holds what no registry's name has",
}


class Image(NamedTuple):
    """What is asked for: host[:port], the repository (may be empty), and the path of the auth file."""

    registry: str
    repository: str
    path: str

    @property
    def name(self) -> str:
        """Return it as the names of images have it."""
        return f"{self.registry}/{self.repository}" if self.repository else self.registry


class Use(NamedTuple):
    """A login, the key that it comes from, and the readers that use it."""

    login: Login
    key: str
    clients: Tuple[str, ...]


class Credentials(NamedTuple):
    """All logins to try, what each client makes of the file, and what is wrong."""

    uses: List[Use]
    clients: List[Dict[str, Any]]
    findings: List[Finding]


def credentials(made: Index, image: Image) -> Credentials:
    """Return what an auth file, made ready for lookups, holds for an image."""
    asked = f"{image.registry}/{image.repository or '_'}"
    answers = {client: _auth_lookup.look_up(made, client, asked) for client in CLIENTS}
    uses = list(_uses(answers))
    findings = [*_problems(made, answers, image), *_differences(answers, uses, image)]
    clients = [
        {"client": client, "use": answer.outcome, "keys": list(answer.keys)} for client, answer in answers.items()
    ]
    return Credentials(uses, clients, findings)


def _uses(answers: Dict[str, Answer]) -> Iterator[Use]:
    found: Dict[Login, List[Tuple[str, str]]] = {}
    for client in _MIRRORING:
        answer = answers[client]
        for alternative in answer.alternatives:
            for login in alternative[:1]:
                found.setdefault(login, []).append((client, ", ".join(answer.keys)))
    for login, known in found.items():
        yield Use(login, known[0][1], tuple(dict.fromkeys(client for client, _key in known)))


def _tools(clients: Sequence[str]) -> str:
    """Return the programs that read as these readers do, for a sentence."""
    return enumeration([tool for client in clients for tool in READERS[client].tools])


def _problems(made: Index, answers: Dict[str, Answer], image: Image) -> Iterator[Finding]:
    by_outcome: Dict[Tuple[str, Tuple[str, ...]], List[str]] = {}
    for client in _MIRRORING:
        answer = answers[client]
        keys = answer.keys if answer.outcome != FINDS_NOTHING else ()
        by_outcome.setdefault((answer.outcome, keys), []).append(client)
    for (outcome, keys), clients in by_outcome.items():
        words = {"clients": _tools(clients), "image": image.name, "path": image.path}
        if outcome == REFUSES:
            yield finding("auth-file-refused", keys=listing(list(keys)), **words)
        elif outcome == FAILS:
            yield finding("unreadable-entry", key=", ".join(keys), **words)
        elif outcome == _auth_lookup.ASKS_HELPER:
            yield finding("credential-helper", **words)
        elif outcome == FINDS_NOTHING:
            yield _nothing(made, [key for client in clients for key in answers[client].keys], image, words)


def _nothing(made: Index, keys: List[str], image: Image, words: Dict[str, str]) -> Finding:
    if keys:
        return finding("empty-entry", key=keys[0], **words)
    near = _near_miss(made.auths, image)
    if near is None:
        return finding("no-matching-key", **words)
    key, difference = near
    return finding("near-miss", key=key, difference=difference, wanted=_wanted(key, image), **words)


def _wanted(key: str, image: Image) -> str:
    """Return the key in its canonical spelling if that matches, else the name of the registry."""
    spelled = _auth_key.canonical(key.strip())
    return spelled if f"{image.name}/".startswith(f"{spelled}/") else _auth_key.canonical(image.registry)


def _near_miss(auths: Dict[str, Any], image: Image) -> Optional[Tuple[str, str]]:
    """Return the key that comes nearest to an image, and in what it differs."""
    name = image.registry.partition(":")[0].lower()
    near = [key for key in auths if name in key.lower()]
    judged = [(key, _difference(key, image)) for key in near]
    found = [(key, difference) for key, difference in judged if difference]
    # A key that is only misspelled is nearer than one for another place.
    found.sort(key=lambda pair: pair[1].startswith("is for"))
    return found[0] if found else None


def _difference(key: str, image: Image) -> str:
    spelled = _auth_key.canonical(key.strip())
    host, _slash, path = spelled.partition("/")
    if f"{image.name.lower()}/".startswith(f"{spelled.lower()}/"):
        return _DIFFERENCES.get(_auth_key.flaw(key) or "", "is not spelled as clients look for it")
    if host == image.registry:
        return "is for another namespace"
    if host.partition(":")[0] == image.registry.partition(":")[0]:
        return f"is for another port than '{image.registry}'" if not path else "is for another port"
    return ""


def _differences(answers: Dict[str, Answer], uses: List[Use], image: Image) -> Iterator[Finding]:
    chance = [client for client in _MIRRORING if len(answers[client].alternatives) > 1]
    if chance:
        detail = f"any of {listing(list(answers[chance[0]].keys))} is taken, by chance, by {_tools(chance)}"
    elif len(uses) > 1:
        detail = ", ".join(f"{_tools(use.clients)} that of '{use.key}'" for use in uses)
    else:
        return
    yield finding("clients-differ", image=image.name, path=image.path, detail=detail)
