# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What one entry of an auth file says: its credentials, what clients make of them, and which of it is secret."""

import base64
import binascii
import re
from itertools import chain
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Optional, Set, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError

_BASE64 = re.compile(r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?\Z")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_TOKENS = ("identitytoken", "registrytoken")
_CREDENTIAL_FIELDS = ("auth", "username", "password", *_TOKENS)
_PUBLIC_FIELDS = ("email", "username")
_SOUND_FIELDS = frozenset(("auth", "email"))
_TEXT_FIELDS = (*_CREDENTIAL_FIELDS[1:], "email", "serveraddress")

_GIVE_ONE = "give one, or state: absent to remove the entry"

SHORTEST_SECRET = (
    4  # Ansible masks a secret wherever it occurs; shorter ones would make names unreadable and hide nothing
)


class Credentials(NamedTuple):
    """A user and a password as the bytes that clients send."""

    user: bytes
    password: bytes

    def auth(self) -> str:
        """Return them in the one form that all clients read."""
        return base64.b64encode(self.user + b":" + self.password).decode("ascii")


class Examined(NamedTuple):
    """One entry as clients see it: its credentials, the codes of what is wrong, and itself with that put right."""

    entry: Any
    credentials: Optional[Credentials] = None
    codes: Tuple[str, ...] = ()


class Decoded(NamedTuple):
    """Base64 text in its standard form, the bytes in it (``None``: it is none), and the codes of what was repaired."""

    text: str
    raw: Optional[bytes]
    codes: Tuple[str, ...]


def of_user(user: Optional[str], password: Optional[str]) -> Credentials:
    """Return the credentials that a user asks for.

    Raises: AuthFileError for what the format cannot carry.
    """
    if ":" in (user or ""):
        raise AuthFileError("username holds ':', which ends the user name in an auth file; use an account without it")
    for option, value in (("username", user), ("password", password)):
        if not value:
            raise AuthFileError(f"{option} is empty; {_GIVE_ONE}")
    return _checked(Credentials(as_bytes(user or ""), as_bytes(password or "")), "username or password")


def as_bytes(text: str) -> bytes:
    """Return ``text`` as clients send it: in place of half a surrogate pair, which is legal JSON, the sign for that."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text).encode("utf-8")


def of_auth(auth: str) -> Credentials:
    """Return the credentials in base64 text that a user gives.

    Raises: AuthFileError when they are not base64 of user:password.
    """
    raw = _decode(auth).raw
    if raw is None or b":" not in raw:
        raise AuthFileError(
            "auth is not base64 of user:password; encode it with \"printf %s 'user:password' | base64 -w0\""
        )
    user, _colon, password = raw.partition(b":")
    if not user or not password:
        raise AuthFileError(f"auth holds no {'password' if user else 'user'}; {_GIVE_ONE}")
    return _checked(Credentials(user, password), "auth")


def _checked(credentials: Credentials, option: str) -> Credentials:
    if _CONTROL.search(credentials.user + credentials.password):
        raise AuthFileError(f"{option} holds a line break or another control character; remove it (echo adds one)")
    return credentials


def decoded(auth: str) -> bytes:
    """Return what is in ``auth``, also where only some clients can decode it; nothing if none can."""
    return _decode(auth).raw or b""


def examine(entry: Any) -> Examined:
    """Judge one entry; the repaired one is the same object where there is nothing to repair."""
    if entry is None:
        return Examined(entry)
    if not isinstance(entry, dict):
        return Examined(entry, codes=("not-an-object",))
    auth = entry.get("auth")
    examined = _examine_without_auth(entry) if auth is None or auth == "" else _examine_auth(entry, auth)
    return examined._replace(codes=(*examined.codes, "field-not-text")) if unusable_field(entry) else examined


def is_sound(entry: Any) -> bool:
    """Say whether nothing can be wrong with an entry, as in most files: in a fifth of the time of examining."""
    if not isinstance(entry, dict) or not entry.keys() <= _SOUND_FIELDS:
        return False
    auth = entry.get("auth") or ""
    try:
        raw = binascii.a2b_base64(auth)
    except (ValueError, TypeError):
        return False
    if binascii.b2a_base64(raw, newline=False) != auth.encode("ascii"):
        return False
    return raw.find(b":") > 0 and not _CONTROL.search(raw) and isinstance(entry.get("email", ""), str)


def unusable_field(entry: Dict[str, Any]) -> Optional[str]:
    """Return the name of the first field, beside ``auth``, that clients want to be text or null and that is neither."""
    for name, value in entry.items():
        if value is not None and not isinstance(value, str) and name in _TEXT_FIELDS:
            return name
    return None


def _examine_auth(entry: Dict[str, Any], auth: Any) -> Examined:
    if not isinstance(auth, str):
        return Examined(entry, codes=("auth-not-a-string",))
    text, raw, codes = _decode(auth)
    if raw is None:
        return Examined(entry, None, ("undecodable-auth",))
    user, colon, password = raw.partition(b":")
    if not colon or not user:
        return Examined(entry, None, (*codes, "empty-user" if colon else "no-colon"))
    if _CONTROL.search(raw):
        codes += ("newline-in-password" if b"\n" in raw or b"\r" in raw else "control-character",)
    return Examined(entry if text == auth else dict(entry, auth=text), Credentials(user, password), codes)


def _examine_without_auth(entry: Dict[str, Any]) -> Examined:
    user, password = entry.get("username"), entry.get("password")
    if user and isinstance(user, str) and isinstance(password, str) and ":" not in user:
        credentials = Credentials(as_bytes(user), as_bytes(password))
        return Examined(dict(entry, auth=credentials.auth()), credentials, ("username-password-only",))
    return Examined(entry, codes=("identity-token-only",) if has_token(entry) else ())


def _decode(auth: str) -> Decoded:
    try:
        raw = binascii.a2b_base64(auth)
        if binascii.b2a_base64(raw, newline=False) == auth.encode("ascii"):
            return Decoded(auth, raw, ())
    except ValueError:
        pass  # not what every client reads, but perhaps it can be made so
    unwrapped = re.sub(r"[\r\n]+", "", auth)
    unspaced = re.sub(r"\s+", "", unwrapped)
    standard = unspaced.replace("-", "+").replace("_", "/")
    padded = standard.rstrip("=") + "=" * (-len(standard.rstrip("=")) % 4)
    if not _BASE64.match(padded):
        return Decoded(auth, None, ())
    steps = {
        "wrapped-base64": unwrapped != auth,
        "blank-in-base64": unspaced != unwrapped,
        "url-safe-base64": standard != unspaced,
        "wrong-padding": padded != standard and standard.endswith("="),
        "missing-padding": padded != standard and not standard.endswith("="),
    }
    return Decoded(padded, binascii.a2b_base64(padded), tuple(code for code, taken in steps.items() if taken))


def has_token(entry: Any) -> bool:
    """Say whether clients would use a token of this entry rather than its password."""
    return isinstance(entry, dict) and any(isinstance(entry.get(name), str) and entry[name] for name in _TOKENS)


def login(entry: Any) -> Optional[Tuple[Any, ...]]:
    """Return all with which clients would log in, to be compared; nothing if they would not."""
    credentials = examine(entry).credentials
    if has_token(entry):
        return (credentials, *(entry.get(name) or "" for name in _TOKENS))
    return credentials


def overlay(old: Any, new: Any) -> Any:
    """Lay the fields of ``new`` over those of ``old``; credentials are taken whole from one of them, never mixed."""
    if not isinstance(old, dict) or not isinstance(new, dict) or old == new:
        return old if new is None or old == new else new
    replaced = any(new.get(name) for name in ("auth", *_TOKENS)) or (new.get("username") and new.get("password"))
    kept = {name: value for name, value in old.items() if not replaced or name in new or name not in _CREDENTIAL_FIELDS}
    kept.update((name, value) for name, value in new.items() if replaced or name not in _CREDENTIAL_FIELDS)
    return kept


def with_credentials(entry: Any, credentials: Credentials, email: Optional[str]) -> Dict[str, Any]:
    """Return ``entry`` with these credentials; what it says besides stays."""
    fields = dict(entry) if isinstance(entry, dict) else {}
    for name in iter(lambda: unusable_field(fields), None):
        del fields[name]
    if examine(entry).credentials != credentials or has_token(entry):
        for name in _CREDENTIAL_FIELDS[1:]:
            fields.pop(name, None)
    fields["auth"] = credentials.auth()
    if email is not None:
        fields["email"] = email
    return fields


def named_secrets(files: List[AuthFile], names: Iterable[str]) -> Set[str]:
    """Return the secrets of ``files`` that occur in ``names``, however spelled: no other text of the files is reported.

    Handing all of them to Ansible would hide no more, but it searches each line of output for each secret: a file with
    100,000 entries would take hours. This takes time in proportion to the size of the files.
    """
    names = list(names)
    names += {_auth_key.canonical(name) for name in _auth_key.odd(names)}
    secrets = _nameable(files, names)
    if not secrets:
        return set()
    shortest = min(map(len, secrets))
    lengths: Dict[str, Set[int]] = {}
    for secret in secrets:
        lengths.setdefault(secret[:shortest], set()).add(len(secret))
    return {
        name[start : start + length]
        for name in names
        for start in range(len(name) - shortest + 1)
        for length in lengths.get(name[start : start + shortest], ())
        if name[start : start + length] in secrets
    }


def _nameable(files: List[AuthFile], names: List[str]) -> Set[str]:
    """Return the few secrets that fit into a name at all."""
    longest = max(map(len, names), default=0)
    alphabet = "".join(set("".join(names)))
    letters = alphabet.encode("utf-8", "surrogatepass")
    return {
        secret
        for file in files
        for secret in chain(_secrets_of(file.entries.values(), longest, letters), _secrets_beside(file))
        if SHORTEST_SECRET <= len(secret) <= longest and not secret.strip(alphabet)
    }


def _secrets_beside(file: AuthFile) -> Iterator[str]:
    for name in file.names:
        if "@" in name:
            yield from re.findall(r":([^/@]+)@", name)
    headers = file.fields.get("HttpHeaders")
    if isinstance(headers, dict):
        yield from (value for value in headers.values() if isinstance(value, str))


def _secrets_of(entries: Iterable[Any], longest: int, letters: bytes) -> Iterator[str]:
    """Leaves out what is plainly in no name: it is too long, or its password has a letter that no name has."""
    for entry in entries:
        for name, value in entry.items() if isinstance(entry, dict) else [("", entry)]:
            if name in _PUBLIC_FIELDS or not isinstance(value, str):
                continue
            if len(value) <= longest:
                yield value
            if name == "auth":
                clear = _clear(value)
                password = clear[clear.find(b":") + 1 :]
                if not password.strip(letters):
                    yield clear.decode("utf-8", "replace")
                    yield password.decode("utf-8", "replace")


def _clear(auth: str) -> bytes:
    try:
        return binascii.a2b_base64(auth)
    except ValueError:
        return decoded(auth)
