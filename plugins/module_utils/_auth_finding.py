# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What can be found in auth files: stable codes, how bad each is, and one sentence with the cause and the remedy."""

from typing import Dict, List, NamedTuple, Tuple

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
    "field-not-text": (KILLS_THE_FILE, "its '{}' is not text; correct or remove that field"),
    "unusable-field": (KILLS_THE_FILE, "{}; correct or remove it"),
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
    "several-spellings": (
        WARNS,
        "{} are the same registry, and clients use one or the other; keep '{registry}' only",
    ),
    "docker-hub": (WARNS, "docker does not find the credentials of Docker Hub under this key; write '{}'"),
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
    "extra-slash": "'{}' holds a '/' too many; write '{registry}'",
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


def kills_the_file(code: str) -> bool:
    """Say whether at least one client refuses a whole file over this, and nothing but the administrator can mend it."""
    return code in _CODES and _CODES[code][0] == KILLS_THE_FILE and code not in _REPAIRS


def can_be_repaired(code: str) -> bool:
    """Say whether this can be put right without loss."""
    return code in _REPAIRS


def problem(registry: str, code: str, about: str = "") -> Finding:
    """Report what is left as it is."""
    severity, message = _CODES[code]
    return Finding(registry, code, message.replace("{registry}", registry).replace("{}", about), severity)


def repair(registry: str, code: str, about: str = "") -> Finding:
    """Report what is put right in the result."""
    return Finding(registry, code, _REPAIRS[code].replace("{registry}", registry).replace("{}", about), REPAIRED)


def listing(names: List[str]) -> str:
    """Return the names for a sentence, the first ones only if they are many."""
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(f"'{name}'" for name in names[:LISTED]) + more
