# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Who reads auth files, and what each makes of an entry that is not as it should be.

One table for the sentences of findings, for their severity and for the lookup of credentials. It says what the code of
the readers does: containers/image 5.36 (podman, skopeo, CRI-O, the copying of oc-mirror), oc 4.21, docker's CLI 29 and
go-containerregistry 0.21 (the catalog step of oc-mirror v2), Kubernetes 1.34, the machine-config operator 4.21.
"""

from typing import Dict, FrozenSet, List, NamedTuple, Sequence, Tuple

REFUSES = "refuse the whole file"
FAILS = "fail for this registry"
FINDS_NOTHING = "find no credentials in it"
NEVER_MATCHES = "never match its key"
IS_DENIED = "log in with a wrong password"
OF_ONE = {
    REFUSES: "refuses the whole file",
    FAILS: "fails for this registry",
    FINDS_NOTHING: "finds no credentials in it",
    NEVER_MATCHES: "never matches its key",
    IS_DENIED: "logs in with a wrong password",
}
EFFECTS = (REFUSES, FAILS, FINDS_NOTHING, NEVER_MATCHES, IS_DENIED)  # the worst first

_ALWAYS = {
    "not-an-object": REFUSES,
    "auth-not-a-string": REFUSES,
}
_AT_LOGIN = {
    "newline-in-password": IS_DENIED,
    "control-character": IS_DENIED,
    "upper-case": NEVER_MATCHES,
}


class Reader(NamedTuple):
    """One program, or family of programs, that reads auth files in its own way.

    ``effects`` says by the code of a finding what the reader does about it. A field of an entry in ``text_fields``, or
    of the file in ``text_settings`` and ``map_settings``, that is of another kind makes it refuse the file; if it is
    ``strict`` any other field does as well. ``reads_pairs``: username and password count where there is no ``auth``.
    ``token_fields`` hold tokens that are used in place of the password; a reader that ``needs_auth`` does so only where
    there is an ``auth`` as well. ``trims_nul``: NUL bytes at the ends of a password are cut off.
    """

    tools: Tuple[str, ...]
    effects: Dict[str, str]
    text_fields: FrozenSet[str]
    text_settings: FrozenSet[str] = frozenset()
    map_settings: FrozenSet[str] = frozenset()
    strict: bool = False
    reads_pairs: bool = False
    token_fields: Tuple[str, ...] = ()
    needs_auth: bool = False
    trims_nul: bool = True


_CONTAINERS_IMAGE = Reader(
    tools=("podman", "skopeo", "oc-mirror"),
    effects={
        **_ALWAYS,
        **_AT_LOGIN,
        "undecodable-auth": FAILS,
        "missing-padding": FAILS,
        "wrong-padding": FAILS,
        "url-safe-base64": FAILS,
        "blank-in-base64": FAILS,
        "no-colon": FINDS_NOTHING,
        "username-password-only": FINDS_NOTHING,
        "identity-token-only": FINDS_NOTHING,
        "trailing-slash": NEVER_MATCHES,
        "never-matched": NEVER_MATCHES,
        "unusable-key": NEVER_MATCHES,
        "upper-case-scheme": NEVER_MATCHES,
    },
    text_fields=frozenset(("auth", "identitytoken")),
    map_settings=frozenset(("credHelpers",)),
    token_fields=("identitytoken",),
    needs_auth=True,
)
# Of what it refuses, docker's CLI warns and goes on with the entries that it had decoded by then, in an order of
# chance; the catalog step of oc-mirror has docker's library, which stops.
_DOCKER = Reader(
    tools=("docker",),
    effects={
        **_ALWAYS,
        **_AT_LOGIN,
        "undecodable-auth": REFUSES,
        "missing-padding": REFUSES,
        "wrong-padding": REFUSES,
        "url-safe-base64": REFUSES,
        "blank-in-base64": REFUSES,
        "no-colon": REFUSES,
        "empty-user": REFUSES,
    },
    text_fields=frozenset(("auth", "username", "password", "serveraddress", "identitytoken", "registrytoken")),
    text_settings=frozenset(("credsStore",)),
    map_settings=frozenset(("credHelpers", "HttpHeaders")),
    reads_pairs=True,
    token_fields=("identitytoken", "registrytoken"),
)
_KUBELET = Reader(
    tools=("the kubelet",),
    effects={
        **_ALWAYS,
        **_AT_LOGIN,
        "undecodable-auth": REFUSES,
        "wrong-padding": REFUSES,
        "url-safe-base64": REFUSES,
        "blank-in-base64": REFUSES,
        "no-colon": REFUSES,
        "identity-token-only": FINDS_NOTHING,
        "upper-case-scheme": NEVER_MATCHES,
    },
    text_fields=frozenset(("auth", "username", "password", "email")),
    map_settings=frozenset(("HttpHeaders",)),
    reads_pairs=True,
    trims_nul=False,
)

READERS: Dict[str, Reader] = {
    "podman": _CONTAINERS_IMAGE,
    # It resolves every key of the file before the first image, with podman's code: what fails there fails for all.
    "oc": _CONTAINERS_IMAGE._replace(
        tools=("oc",),
        effects={
            **{code: REFUSES if effect == FAILS else effect for code, effect in _CONTAINERS_IMAGE.effects.items()},
            "unusable-key": REFUSES,
            "upper-case-scheme": REFUSES,
            "unusable-helper": REFUSES,
        },
    ),
    "docker": _DOCKER,
    "catalog": _DOCKER._replace(tools=("the catalog step of oc-mirror",)),
    "kubelet": _KUBELET,
    # It reads the cluster's pull secret only, and logs in nowhere.
    "machine-config-operator": Reader(
        tools=("the machine-config operator",),
        effects=_ALWAYS,
        text_fields=_KUBELET.text_fields,
        strict=True,
    ),
}

# Those that look for credentials, in the order in which reports name them.
CLIENTS = tuple(name for name, reader in READERS.items() if not reader.strict)


def worst(reader: Reader, codes: Sequence[str]) -> str:
    """Return the worst that ``reader`` does about these findings; empty if it minds none."""
    done = {reader.effects.get(code) for code in codes}
    return next((effect for effect in EFFECTS if effect in done), "")


def effects(code: str) -> Dict[str, List[str]]:
    """Return what is done about a finding, the worst first, and by which tools."""
    done: Dict[str, List[str]] = {}
    for effect in EFFECTS:
        for reader in READERS.values():
            if reader.effects.get(code) == effect:
                done.setdefault(effect, []).extend(reader.tools)
    return done


def effects_of_field(field: str) -> Dict[str, List[str]]:
    """Return who minds that ``field``, of an entry or beside ``auths``, is of the wrong kind."""
    minding = (
        tool
        for reader in READERS.values()
        if field in reader.text_fields | reader.text_settings | reader.map_settings
        for tool in reader.tools
    )
    return {REFUSES: list(minding)}


def enumeration(words: Sequence[str]) -> str:
    """Return ``words`` as in a sentence: ``a, b and c``."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
