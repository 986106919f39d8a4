# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What can be found in auth files: stable codes, how bad each is, and one sentence with the cause and the remedy."""

from typing import Dict, List, NamedTuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_readers
from ansible_collections.airgap.openshift.plugins.module_utils._words import visible

KILLS_THE_FILE = "error"  # at least one client refuses the whole file
WARNS = "warning"  # concerns one registry, or what is not read from the file
TELLS = "note"  # right in itself, but to be known
REPAIRED = "repaired"

LISTED = 10  # names in one message

_ENCODE = "encode it anew with \"printf %s 'user:password' | base64 -w0\""

_ABOUT_A_FIELD = ("field-not-text", "unusable-field")
_NOTES = ("namespaced", "unknown-to-clusters")
_OF_ALL = {_auth_readers.NEVER_MATCHES: "no client ever matches it"}


class _Cause(NamedTuple):
    """What is wrong and what to do; who minds it, and how, is in the table of readers unless the cause says it."""

    cause: str
    remedy: str


_CAUSES: Dict[str, _Cause] = {
    "not-an-object": _Cause(
        "its entry is not a JSON object", 'write {"auth": "<base64 of user:password>"}, or remove it'
    ),
    "auth-not-a-string": _Cause("its 'auth' is not text", _ENCODE),
    "field-not-text": _Cause("its '{}' is not text", "correct or remove that field"),
    "unusable-field": _Cause("{}", "correct or remove it"),
    "undecodable-auth": _Cause("its 'auth' is not base64", _ENCODE),
    "no-colon": _Cause("its 'auth' decodes to something without a ':'", _ENCODE),
    "empty-user": _Cause("its 'auth' decodes to a password without a user", _ENCODE),
    "unusable-key": _Cause("its key holds '@' or a tag", "write host[:port][/namespace]"),
    "missing-padding": _Cause("its 'auth' lacks the '=' at the end", _ENCODE),
    "wrong-padding": _Cause("its 'auth' ends in too few or too many '='", _ENCODE),
    "url-safe-base64": _Cause("its 'auth' is in the base64 alphabet for URLs", _ENCODE),
    "blank-in-base64": _Cause("its 'auth' holds spaces", _ENCODE),
    "wrapped-base64": _Cause("its 'auth' holds line breaks, which clients skip but other tools may not", _ENCODE),
    "username-password-only": _Cause("it has a username and a password but no 'auth'", "add 'auth'"),
    "newline-in-password": _Cause("its password ends in or holds a line break", _ENCODE),
    "control-character": _Cause("its password holds a control character", _ENCODE),
    "identity-token-only": _Cause("it has only a token", "add 'auth'"),
    "trailing-slash": _Cause("its key ends in '/'", "remove the '/'"),
    "upper-case": _Cause("its key holds upper case", "write the host in lower case"),
    "upper-case-scheme": _Cause("its key begins with a scheme in upper case", "write host[:port][/namespace]"),
    "never-matched": _Cause("its key is not the name of a registry", "write host[:port][/namespace]"),
    "several-spellings": _Cause("{} are the same registry, and clients use one or the other", "keep '{registry}' only"),
    "docker-hub": _Cause(
        "docker and the catalog step of oc-mirror do not find the credentials of Docker Hub under this key",
        "write '{}'",
    ),
    "shadowed-by-empty-entry": _Cause(
        "its empty entry hides the credentials of '{}' from podman, skopeo and oc-mirror or, where it is for a whole "
        "host, from docker and the catalog step of oc-mirror",
        "remove it",
    ),
    "sources-differ": _Cause(
        "{} hold different credentials for it, of which the last ones are taken", "remove those that are not meant"
    ),
    "other-file-first": _Cause(
        "'{}' holds other credentials for it, and podman, skopeo, oc and oc-mirror look there first", "remove those"
    ),
    "other-file-broken": _Cause(
        "'{}' cannot be read as an auth file, and podman, skopeo, oc and oc-mirror read it before this one",
        "correct or remove it",
    ),
    "namespaced": _Cause(
        "docker and the catalog step of oc-mirror know no namespaces and use its credentials for the whole host",
        "leave it so unless other repositories of that host need other credentials",
    ),
    "overlap": _Cause(
        "{} hold different credentials, and docker and the catalog step of oc-mirror, which know no namespaces, use "
        "those of the host alone for all of it or, without such, any of them",
        "where these two are used, keep one entry for the host that may read and write all of it",
    ),
    "credential-helper": _Cause(
        "'credHelpers' names a helper program for it, which podman, skopeo, oc-mirror, oc and docker ask in place of "
        "its entry, and oc refuses the file where the program is missing",
        "remove it from 'credHelpers'",
    ),
    "unusable-helper": _Cause("'credHelpers' names a helper for a URL or a user", "write host[:port] there"),
    "credentials-store": _Cause(
        "'credsStore' makes docker and the catalog step of oc-mirror ignore 'auths'", "remove it"
    ),
    "unknown-to-clusters": _Cause(
        "{}, which the machine-config operator does not know: it refuses the whole file as a cluster's pull secret",
        "remove that before you give the file to a cluster",
    ),
}
_REPAIRS: Dict[str, _Cause] = {
    "missing-padding": _Cause("the '=' at the end of its 'auth' was missing and was added", _ENCODE),
    "wrong-padding": _Cause("its 'auth' ended in too few or too many '=', which was corrected", _ENCODE),
    "url-safe-base64": _Cause("its 'auth' was in the base64 alphabet for URLs and was rewritten", _ENCODE),
    "wrapped-base64": _Cause("its 'auth' held line breaks, which were removed", _ENCODE),
    "blank-in-base64": _Cause("its 'auth' held spaces, which were removed", _ENCODE),
    "username-password-only": _Cause("it had no 'auth', which was made from its username and password", "add 'auth'"),
    "trailing-slash": _Cause(
        "'{}' ends in '/', so podman, skopeo, oc-mirror and oc would never match it", "write '{registry}'"
    ),
    "upper-case": _Cause("'{}' is not in lower case, so no client would match it", "write '{registry}'"),
    "upper-case-scheme": _Cause(
        "'{}' begins with a scheme in upper case, so oc would refuse the whole file", "write '{registry}'"
    ),
    "url": _Cause("'{}' is a URL, which clients match in different ways", "write '{registry}'"),
    "extra-slash": _Cause("'{}' holds a '/' too many", "write '{registry}'"),
    "docker-hub": _Cause(
        "'{}' is Docker Hub, whose credentials all clients find only under '{registry}'", "write '{registry}'"
    ),
    "other-spelling": _Cause(
        "its entry under '{}' was replaced, since clients would use one or the other", "write '{registry}'"
    ),
    "byte-order-mark": _Cause(
        "a byte order mark stood before the JSON, which no client reads, and was left out", "save files without it"
    ),
}


class Finding(NamedTuple):
    """One thing found: about which registry (``""``: the whole file), what it does to whom, and what to do about it."""

    registry: str
    code: str
    message: str
    remedy: str
    severity: str

    def sentence(self) -> str:
        """Return the finding as a text that stands alone."""
        about = f"{self.registry}: " if self.registry else ""
        return visible(f"{about}{self.message}; {self.remedy}")


def kills_the_file(code: str) -> bool:
    """Say whether at least one client refuses a whole file over this, and nothing but the administrator can mend it."""
    return _severity(code) == KILLS_THE_FILE and code not in _REPAIRS


def _severity(code: str) -> str:
    if code in _ABOUT_A_FIELD or _auth_readers.REFUSES in _auth_readers.effects(code):
        return KILLS_THE_FILE
    return TELLS if code in _NOTES else WARNS


def can_be_repaired(code: str) -> bool:
    """Say whether this can be put right without loss."""
    return code in _REPAIRS


def problem(registry: str, code: str, about: str = "", field: str = "") -> Finding:
    """Report what is left as it is; ``field`` is the field, of the entry or beside ``auths``, that it is about."""
    done = _auth_readers.effects_of_field(field) if code in _ABOUT_A_FIELD else _auth_readers.effects(code)
    cause, remedy = _filled(_CAUSES[code], registry, about or field)
    return Finding(registry, code, f"{cause}: {_consequences(done)}" if done else cause, remedy, _severity(code))


def _filled(cause: _Cause, registry: str, about: str) -> _Cause:
    return _Cause(*(text.replace("{registry}", registry).replace("{}", about) for text in cause))


def _consequences(done: Dict[str, List[str]]) -> str:
    everybody = [tool for name in _auth_readers.CLIENTS for tool in _auth_readers.READERS[name].tools]
    told = {effect: [tool for tool in tools if tool in everybody] for effect, tools in done.items()}
    return ", ".join(
        _OF_ALL.get(effect, f"all clients {effect}") if tools == everybody else _consequence(effect, tools)
        for effect, tools in told.items()
    )


def _consequence(effect: str, tools: List[str]) -> str:
    return f"{_auth_readers.enumeration(tools)} {effect if len(tools) > 1 else _auth_readers.OF_ONE[effect]}"


def repair(registry: str, code: str, about: str = "") -> Finding:
    """Report what is put right in the result; the remedy is for where it came from."""
    return Finding(registry, code, *_filled(_REPAIRS[code], registry, about), severity=REPAIRED)


def listing(names: List[str]) -> str:
    """Return the names for a sentence, the first ones only if they are many."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(f"'{name}'" for name in names[:LISTED]) + more
