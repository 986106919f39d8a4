# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What is wrong in auth files: stable codes, how bad each is, and one sentence with the cause and the remedy."""

from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_entry, _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError

KILLS_THE_FILE = "error"
WARNS = "warning"
REPAIRED = "repaired"

LISTED = 10  # names in one message

_ENCODE = "encode it anew with \"printf %s 'user:password' | base64 -w0\""

# Severities are what clients really do: an error makes at least one of oc, docker, oc-mirror and the kubelet refuse the
# whole file, a warning concerns that one registry.
_CODES: Dict[str, Tuple[str, str]] = {
    "not-an-object": (KILLS_THE_FILE, 'its entry is not a JSON object; write {"auth": "<base64 of user:password>"}'),
    "auth-not-a-string": (KILLS_THE_FILE, f"its 'auth' is not text; {_ENCODE}"),
    "undecodable-auth": (KILLS_THE_FILE, f"its 'auth' is not base64; {_ENCODE}"),
    "no-colon": (KILLS_THE_FILE, f"its 'auth' decodes to something without a ':'; {_ENCODE}"),
    "empty-user": (KILLS_THE_FILE, f"its 'auth' decodes to a password without a user; {_ENCODE}"),
    "unusable-key": (
        KILLS_THE_FILE,
        "its key holds '@' or a tag, and oc then refuses the file; write host[:port][/namespace]",
    ),
    "missing-padding": (KILLS_THE_FILE, f"its 'auth' lacks the '=' at the end; {_ENCODE}"),
    "url-safe-base64": (KILLS_THE_FILE, f"its 'auth' is in the base64 alphabet for URLs; {_ENCODE}"),
    "wrapped-base64": (WARNS, f"its 'auth' holds line breaks or spaces; {_ENCODE}"),
    "username-password-only": (WARNS, "it has no 'auth', and podman, skopeo and oc read nothing else; add it"),
    "newline-in-password": (WARNS, f"its password ends in or holds a line break, so logins fail; {_ENCODE}"),
    "control-character": (WARNS, f"its password holds a control character, so logins fail; {_ENCODE}"),
    "identity-token-only": (WARNS, "it has only a token, which podman, skopeo and oc ignore; add 'auth'"),
    "trailing-slash": (
        WARNS,
        "its key ends in '/', so podman, skopeo, oc and oc-mirror never match it; remove the '/'",
    ),
    "upper-case": (WARNS, "its key holds upper case, so no client ever matches it; write the host in lower case"),
    "never-matched": (WARNS, "podman, skopeo, oc and oc-mirror never match its key; write host[:port][/namespace]"),
    "shadowed-by-empty-entry": (
        WARNS,
        "its empty entry hides the credentials of '{}' from podman and skopeo; remove it",
    ),
    "overlap": (
        WARNS,
        "{} hold different credentials; docker, opm and the catalog step of oc-mirror use any one of them for the "
        "whole host, so keep one entry for it where you can",
    ),
    "credential-helper": (
        WARNS,
        "'credHelpers' names a helper program for it, so its entry is not used, and oc refuses the file where the "
        "program is missing; remove it from 'credHelpers'",
    ),
    "credentials-store": (
        WARNS,
        "'credsStore' makes docker and the catalog step of oc-mirror ignore 'auths'; remove it",
    ),
}
_REPAIRS: Dict[str, str] = {
    "missing-padding": "the '=' at the end of its 'auth' was missing and was added",
    "url-safe-base64": "its 'auth' was in the base64 alphabet for URLs and was rewritten",
    "wrapped-base64": "its 'auth' held line breaks or spaces, which were removed",
    "username-password-only": "it had no 'auth', which was made from its username and password",
    "trailing-slash": "'{}' ends in '/', so podman, skopeo, oc and oc-mirror would never match it; write '{registry}'",
    "upper-case": "'{}' is not in lower case, so no client would match it; write '{registry}'",
    "url": "'{}' is a URL, which clients match in different ways; write '{registry}'",
    "docker-hub": "'{}' is Docker Hub, whose credentials all clients find only under '{registry}'",
    "other-spelling": "its entry under '{}' was replaced, since clients would use one or the other",
    "byte-order-mark": "a byte order mark stood before the JSON, which no client reads; it was left out",
}


class Finding(NamedTuple):
    """One thing found: about which registry (``""``: the whole file), what, and what to do about it."""

    registry: str
    code: str
    message: str
    severity: str

    def sentence(self) -> str:
        """Return the finding as a text that stands alone."""
        return f"{self.registry}: {self.message}" if self.registry else self.message


def problem(registry: str, code: str, about: str = "") -> Finding:
    """Report what is left as it is."""
    severity, message = _CODES[code]
    return Finding(registry, code, message.replace("{}", about), severity)


def repair(registry: str, code: str, about: str = "") -> Finding:
    """Report what is put right in the result."""
    return Finding(registry, code, _REPAIRS[code].replace("{}", about).replace("{registry}", registry), REPAIRED)


def audit(fields: Dict[str, Any], invalid_entries: str) -> List[Finding]:
    """Judge the auth file ``fields``, of which ``auths`` is changed in place.

    What can be repaired without loss is; what makes clients refuse the file is treated as ``invalid_entries`` says.
    Raises: AuthFileError when that is ``fail``.
    """
    auths = fields["auths"]
    found = _audit_entries(auths, repairing=invalid_entries != "keep")
    fatal = [finding for finding in found if finding.severity == KILLS_THE_FILE]
    names = list(dict.fromkeys(finding.registry for finding in fatal))
    if fatal and invalid_entries == "fail":
        reasons = "; ".join(finding.sentence() for finding in fatal[:LISTED])
        raise AuthFileError(
            f"clients would refuse the file because of {listing(names)}. {reasons}. "
            "Correct them where they come from, or set invalid_entries to drop or keep"
        )
    if invalid_entries == "drop":
        for key in names:
            del auths[key]
    return found + _audit_helpers(fields) + _audit_neighbors(auths)


def listing(names: List[str]) -> str:
    """Return the names for a sentence, the first ones only if they are many."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(f"'{name}'" for name in names[:LISTED]) + more


def _audit_entries(auths: Dict[str, Any], *, repairing: bool) -> List[Finding]:
    found: List[Finding] = []
    for key, entry in auths.items():
        examined = _auth_entry.examine(entry)
        flaw = _auth_key.flaw(key)
        for code in examined.codes:
            found.append(repair(key, code) if repairing and code in _REPAIRS else problem(key, code))
        if flaw:
            found.append(problem(key, flaw))
        if repairing and examined.entry is not entry:
            auths[key] = examined.entry
    return found


def _audit_helpers(fields: Dict[str, Any]) -> List[Finding]:
    helpers = fields.get("credHelpers")
    found = [problem(host, "credential-helper") for host in helpers] if isinstance(helpers, dict) else []
    return found + ([problem("", "credentials-store")] if fields.get("credsStore") else [])


def _audit_neighbors(auths: Dict[str, Any]) -> List[Finding]:
    """Report entries of one host that clients confuse: they look for credentials in different orders."""
    hosts: Dict[str, List[str]] = {key.partition("/")[0]: [] for key in auths if "/" in key and "://" not in key}
    for key in auths if hosts else ():
        host = key.partition("/")[0]
        if host in hosts:
            hosts[host].append(key)
    return [finding for host, group in hosts.items() if len(group) > 1 for finding in _confused(auths, host, group)]


def _confused(auths: Dict[str, Any], host: str, group: List[str]) -> Iterator[Finding]:
    credentials = {key: _auth_entry.examine(auths[key]).credentials for key in group}
    known = [key for key in group if credentials[key] is not None]
    if len({credentials[key] for key in known}) > 1:
        yield problem(host, "overlap", listing(known))
    for key in group:
        if credentials[key] is None and not _auth_entry.has_token(auths[key]):
            hidden = next((parent for parent in _parents(key) if credentials.get(parent)), None)
            if hidden:
                yield problem(key, "shadowed-by-empty-entry", hidden)


def _parents(key: str) -> Iterator[str]:
    while "/" in key:
        key = key.rpartition("/")[0]
        yield key
