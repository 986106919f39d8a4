# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Where a text departs from JSON, and what should stand there, in the words of an auth file."""

import re
from typing import Dict, List, Optional, Tuple

_TEXT_BODY = r'"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*)*'
_BEGUN_TEXT = re.compile(_TEXT_BODY)
_TOKEN = re.compile(
    rf"""[ \t\r\n]*(?:
    (?P<mark>[{{}}\[\]:,])
    |(?P<text>{_TEXT_BODY}")
    |(?P<plain>(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)(?![\w.]))
    |(?P<end>\Z)
    |(?P<wrong>))""",
    re.VERBOSE,
)
_HINTS = {"'": "; JSON knows only double quotes", "#": "; JSON knows no comments", "/": "; JSON knows no comments"}

# The grammar of JSON: what may come, and what is wanted after it. A container is entered or left at "{", "[", "}", "]".
_STARTS_VALUE = {"{": "first name", "[": "first item", "text": "next", "plain": "next"}
_GRAMMAR: Dict[str, Dict[str, str]] = {
    "value": _STARTS_VALUE,
    "first item": dict(_STARTS_VALUE, **{"]": "next"}),
    "first name": {"text": "colon", "}": "next"},
    "name": {"text": "colon"},
    "colon": {":": "value"},
    "next": {",": "name", "}": "next", "]": "next"},
    "end": {},
}


def position(text: str, offset: int) -> str:
    """Return ``offset`` as a person counts: lines and characters from 1."""
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - text.rfind(chr(10), 0, offset)}"


def first_error(text: str) -> Optional[Tuple[int, str]]:
    """Find the first place where ``text`` departs from JSON, and say what should stand there.

    The json module's own messages and positions differ between Python versions and know nothing of registries.
    """
    path: List[Tuple[str, str]] = []  # for each open container its opening mark and the name last read in it
    want, offset = "value", 0
    while True:
        token = _TOKEN.match(text, offset)
        if token is None or token.lastgroup is None:
            return None
        where, offset = token.start(token.lastgroup), token.end()
        kind = token.group("mark") or token.lastgroup
        if want == "end" == kind:
            return None
        following = _GRAMMAR[want].get(kind)
        if following is None or (want == "next" and not _belongs(kind, path)):
            return _describe(text, where, want, path)
        _step(path, kind, following, text[where + 1 : offset - 1])
        want = _settle(following, path)


def _belongs(mark: str, path: List[Tuple[str, str]]) -> bool:
    return mark == "," or path[-1][0] + mark in ("{}", "[]")


def _step(path: List[Tuple[str, str]], kind: str, following: str, name: str) -> None:
    if kind in ("{", "["):
        path.append((kind, ""))
    elif kind in ("}", "]"):
        path.pop()
    elif following == "colon":
        path[-1] = ("{", name)


def _settle(want: str, path: List[Tuple[str, str]]) -> str:
    if want == "next" and not path:
        return "end"
    return "value" if want == "name" and path[-1][0] == "[" else want


def _describe(text: str, where: int, want: str, path: List[Tuple[str, str]]) -> Tuple[int, str]:
    if text.startswith('"', where) and want not in ("colon", "next", "end"):
        return _describe_text(text, where)
    if where == len(text):
        return where, f"expected {_wanted(want, path)}, but the text ends here"
    return where, f"expected {_wanted(want, path)}{_HINTS.get(text[where], '')}"


def _wanted(want: str, path: List[Tuple[str, str]]) -> str:
    thing = "registry name" if len(path) == 2 and path[0] == ("{", "auths") else "field name"
    if want == "value":
        after = f"the ':' of the {thing}" if path and path[-1][0] == "{" else "','"
        return f"a value after {after}" if path else "'{' at the beginning"
    if want == "next":
        return "',' or ']' after the item" if path[-1][0] == "[" else f"',' or '}}' after the value of the {thing}"
    return {
        "first item": "a value or ']'",
        "first name": f"a {thing} in double quotes or '}}'",
        "name": f"another {thing} in double quotes after ',' (without one, remove the ',')",
        "colon": f"':' after the {thing}",
    }.get(want, "nothing after the closing '}'")


def _describe_text(text: str, where: int) -> Tuple[int, str]:
    begun = _BEGUN_TEXT.match(text, where)
    stop = begun.end() if begun else where
    if stop == len(text):
        return where, "expected '\"' to close the text that begins here"
    if text[stop] == "\\":
        return stop, "expected one of \" \\ / b f n r t, or u and four hexadecimal digits, after '\\'"
    if text[stop] in "\r\n":
        return stop, "expected '\"' before the end of the line"
    return stop, "expected no control character, such as a tab, inside double quotes"
