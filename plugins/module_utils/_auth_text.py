# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How the text of an auth file is read and written, and what is wrong with one that is none, without quoting it."""

import base64
import binascii
import codecs
import json
import re
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, NamedTuple, NoReturn, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_syntax
from ansible_collections.airgap.openshift.plugins.module_utils._words import VisibleError

_SECRET_YAML = re.compile(r"^(?:kind: *[\"']?Secret\b|[ \t]*[\"']?\.dockerconfigjson[\"']? *:)", re.MULTILINE)
TOO_DEEP = "it is nested too deeply; expected a JSON object with 'auths'"

# Bytes. The largest secret of a cluster has 1 MiB; 100,000 registries are 10.
LARGEST = 16 << 20

_TAB = "\t"
_DOUBLED = "{} appears twice with different values, of which clients take the last; remove one of them"
_SETTINGS = frozenset(("auths", "credHelpers", "credsStore", "HttpHeaders"))
_FIELDS = frozenset(("auth", "username", "password", "email", "identitytoken", "registrytoken", "serveraddress"))


class AuthFileError(VisibleError):
    """An auth file that cannot be used; the message names the cause and the remedy and quotes no secret."""


class Number(NamedTuple):
    """A number in a file, spelled as there: 1.0, 1e5 and what no computer could add up survive a rewrite."""

    spelling: str


class AuthFile(NamedTuple):
    """What an auth file holds: the JSON object as it is, and whether a byte order mark stood before it.

    ``name`` is what messages call the file.
    """

    fields: Dict[str, Any]
    byte_order_mark: bool = False
    name: str = ""

    @property
    def entries(self) -> Dict[str, Any]:
        """The entry of each registry, also where the file has no ``auths``."""
        return self.fields.get("auths") or {}

    @property
    def names(self) -> List[str]:
        """All names of registries in it, which are what is reported of it."""
        helpers = self.fields.get("credHelpers")
        return [*self.entries, *(helpers if isinstance(helpers, dict) else ())]


def decode(raw: bytes) -> str:
    """Return ``raw`` as text, a byte order mark included.

    Raises: AuthFileError when it is not UTF-8.
    """
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in raw[:4]:
        raise AuthFileError("it is UTF-16 text; save it as UTF-8")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        before = raw[: exc.start].decode("utf-8")
    raise AuthFileError(
        f"{_auth_syntax.position(before, len(before))}: expected UTF-8 text, not Latin-1 or binary; save it as UTF-8"
    )


def parse(raw: bytes, *, name: str = "", may_be_empty: bool = False) -> AuthFile:
    """Read an auth file; ``name`` is what messages call it.

    ``may_be_empty`` is for the file that will be written: it may hold nothing yet, or no ``auths``.

    Raises: AuthFileError when clients could not read it, or when it is something else than an auth file, for instance
    larger than ``LARGEST``.
    """
    try:
        if len(raw) > LARGEST:
            raise AuthFileError(f"it has more than {LARGEST >> 20} MiB, as no auth file has; give another file")
        return _parse(decode(raw), may_be_empty)._replace(name=name)
    except AuthFileError as exc:
        raise AuthFileError(f"{name}: {exc}" if name else str(exc)) from None


def _parse(text: str, may_be_empty: bool) -> AuthFile:
    if not text.strip():
        if may_be_empty:
            return AuthFile({})
        raise AuthFileError("it is empty; expected a JSON object with 'auths'")
    bare = text.lstrip("\ufeff")
    fields = _load(bare)
    _refuse_other_objects(fields)
    fields = _respelled(fields, _SETTINGS, "")
    auths = fields.get("auths")
    if not isinstance(auths, dict) and not (auths is None and may_be_empty):
        kind = _kind(auths) if "auths" in fields else "missing"
        raise AuthFileError(f"its 'auths' is {kind}; expected an object with one entry for each registry")
    unusual = {key: entry for key, entry in (auths or {}).items() if isinstance(entry, dict) and entry.keys() - _FIELDS}
    for registry, entry in unusual.items():
        fields["auths"][registry] = _respelled(entry, _FIELDS, f" of registry '{registry}'")
    return AuthFile(fields, byte_order_mark=bare != text)


def _respelled(fields: Dict[str, Any], names: FrozenSet[str], place: str) -> Dict[str, Any]:
    """Return ``fields`` with ``names`` as the documentation spells them: clients take them in upper case as well."""
    known = {name.lower(): name for name in names}
    result: Dict[str, Any] = {}
    for given, value in fields.items():
        name = known.get(given.lower(), given)
        if name in result and result[name] != value:
            raise AuthFileError(_DOUBLED.format(f"field '{name}'{place}"))
        result[name] = value
    return result


def _load(text: str) -> Any:
    doubled: List[Tuple[Dict[str, Any], str]] = []

    def unique(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
        fields = dict(pairs)
        if len(fields) != len(pairs):
            doubled.extend((fields, name) for name in _contradictions(pairs))
        return fields

    try:
        value = json.loads(
            text, object_pairs_hook=unique, parse_constant=_refuse_constant, parse_int=Number, parse_float=Number
        )
    except RecursionError:
        raise AuthFileError(TOO_DEEP) from None
    except AuthFileError:
        raise
    except ValueError as exc:
        raise AuthFileError(_complaint(text, getattr(exc, "pos", 0))) from None
    if doubled:
        raise AuthFileError(_doubled_name(value, *doubled[0]))
    return value


def _contradictions(pairs: List[Tuple[str, Any]]) -> Iterator[str]:
    seen: Dict[str, Any] = {}
    for name, value in pairs:
        if name in seen and seen[name] != value:
            yield name
        seen[name] = value


def _doubled_name(value: Any, fields: Dict[str, Any], name: str) -> str:
    auths = value.get("auths") if isinstance(value, dict) else None
    place = f"field '{name}'"
    if fields is auths:
        place = f"registry '{name}'"
    elif isinstance(auths, dict):
        owners = [registry for registry, entry in auths.items() if entry is fields]
        place += f" of registry '{owners[0]}'" if owners else ""
    return _DOUBLED.format(place)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _refuse_other_objects(value: Any) -> None:
    if not isinstance(value, dict):
        raise AuthFileError(f"it is {_kind(value)}; expected a JSON object with 'auths'")
    holders = [value] + [value[name] for name in ("data", "stringData") if isinstance(value.get(name), dict)]
    if value.get("kind") == "Secret" or any(".dockerconfigjson" in holder for holder in holders):
        raise AuthFileError(_IS_SECRET)


_IS_SECRET = (
    "it is the Secret object that holds the auth file; give the content instead, as printed by "
    "'oc extract secret/pull-secret -n openshift-config --to=-'"
)


def _kind(value: Any) -> str:
    names = {type(None): "null", dict: "an object", list: "a list", str: "text", bool: "true or false"}
    return names.get(type(value), "a number")


def _complaint(text: str, position: int) -> str:
    """Say why ``text`` is not JSON; ``position`` is where the json module stopped, in case that we see no reason."""
    if _SECRET_YAML.search(text):
        return _IS_SECRET
    if _is_encoded_object(text):
        return "it is the auth file encoded as base64; decode it first, with 'base64 -d'"
    where, expected = _auth_syntax.first_error(text) or (position, "expected valid JSON")
    return f"{_auth_syntax.position(text, where)}: {expected}"


def _is_encoded_object(text: str) -> bool:
    try:
        return base64.b64decode("".join(text.split()), validate=True).lstrip().startswith(b"{")
    except (binascii.Error, ValueError):
        return False


def dump(fields: Dict[str, Any]) -> bytes:
    """Return the text of an auth file, indented as podman and docker write it.

    Half a surrogate pair is legal in JSON but not in UTF-8: a file that holds one is written in ASCII.

    Raises: AuthFileError when it is nested too deeply, or has more than ``LARGEST`` bytes, so that it could not be read
    again.
    """
    try:
        content = (_encoded(fields, "", encode_basestring) + "\n").encode("utf-8")
    except UnicodeEncodeError:
        content = (_encoded(fields, "", encode_basestring_ascii) + "\n").encode("ascii")
    except RecursionError:
        raise AuthFileError(TOO_DEEP) from None
    if len(content) > LARGEST:
        raise AuthFileError(f"it would have more than {LARGEST >> 20} MiB; merge fewer entries")
    return content


def _encoded(value: Any, indent: str, quote: Callable[[str], str]) -> str:
    """Return ``value`` as JSON. The json module would write numbers in its own spelling, and takes twice as long."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, dict):
        deeper = indent + _TAB
        items = [
            f"{quote(name)}: {quote(each) if isinstance(each, str) else _encoded(each, deeper, quote)}"
            for name, each in value.items()
        ]
        return _enclosed("{", items, "}", indent)
    if isinstance(value, list):
        return _enclosed("[", [_encoded(each, indent + _TAB, quote) for each in value], "]", indent)
    return value.spelling if isinstance(value, Number) else json.dumps(value)


def _enclosed(opening: str, items: List[str], closing: str, indent: str) -> str:
    if not items:
        return opening + closing
    line = "\n" + indent
    return f"{opening}{line}{_TAB}{f',{line}{_TAB}'.join(items)}{line}{closing}"
