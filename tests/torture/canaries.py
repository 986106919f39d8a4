# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets that are known again wherever they turn up, in whatever way they are written there, also in parts."""

from __future__ import annotations

import base64
import html
import json
import secrets
import shlex
import string
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import NamedTuple

PART = 12  # so many bytes in a row of any way to write a secret are enough: more than the halves that anybody asks for
_LETTERS = string.ascii_letters + string.digits
# Each of these characters is written in another way by JSON, URLs, shells, Python or UTF-8.
_AWKWARD = "\"\\&%é$'{} <+/"


class Canary(NamedTuple):
    """A secret, and what messages call it."""

    what: str
    secret: bytes


def letters(count: int) -> str:
    """So many letters and digits by chance."""
    return "".join(secrets.choice(_LETTERS) for _each in range(count))


def awkward() -> str:
    """A password that is written in many ways: its ends are the same in all, and long enough to be known again."""
    return letters(13) + "".join(each + letters(2) for each in _AWKWARD) + letters(13)


def forms(secret: bytes) -> Iterator[bytes]:
    """All ways to write a secret that are looked for."""
    yield from (secret, secret.hex().encode(), secret.hex().upper().encode(), *based(secret))
    try:
        text = secret.decode()
    except UnicodeDecodeError:
        text = secret.decode("latin-1")
    written = [
        *(quote(text, safe=safe) for quote in (urllib.parse.quote, urllib.parse.quote_plus) for safe in ("", "/")),
        *(json.dumps(text, ensure_ascii=ascii_only) for ascii_only in (True, False)),
        *(repr(text), ascii(text), repr(secret), shlex.quote(text), html.escape(text)),
    ]
    yield from (form.encode() for form in written)


def based(secret: bytes) -> Iterator[bytes]:
    """What is in base64 wherever the secret begins in what was encoded, without what depends on its neighbors."""
    for before in range(3):
        whole = base64.b64encode(bytes(before) + secret).rstrip(b"=")
        inner = whole[-(-before * 8 // 6) : (before + len(secret)) * 8 // 6]
        yield from (inner, inner.translate(bytes.maketrans(b"+/", b"-_")))


class Canaries:
    """Looks for secrets in bytes."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._parts: dict[bytes, str] = {}
        for canary in canaries:
            for form in forms(canary.secret):
                for begin in range(len(form) - PART + 1):
                    self._parts[form[begin : begin + PART]] = canary.what

    def found_in(self, data: bytes) -> set[str]:
        """Which of them are there, wholly or in part."""
        parts = self._parts
        ends = range(PART, len(data) + 1)
        return {parts[data[end - PART : end]] for end in ends if data[end - PART : end] in parts}
