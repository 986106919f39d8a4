# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Which anchor files ca_trust has made itself: those that begin with its mark.

The mark is text before the PEM block, which p11-kit, Debian's and Alpine's commands, OpenSSL, Java and Go all pass over
(RFC 7468, 5.2). In the file itself it shares the fate of the anchor: no list of anchors can be out of date.
"""

import re
from typing import Optional

from ansible_collections.airgap.openshift.plugins.module_utils._pem import certificates_in, cut, fingerprint

__all__ = ("MARK", "is_marked", "marked", "others_in", "unmarked")

MARK = b"# Made by airgap.openshift.ca_trust\n"
# An editor may have left other line ends, or a byte order mark.
_MARK = re.compile(rb"\A(?:\xef\xbb\xbf)?" + re.escape(MARK.strip()) + rb"[ \t]*\r?\n")


def marked(pem: bytes) -> bytes:
    """The content of an anchor file for a certificate in canonical PEM."""
    return MARK + pem


def is_marked(content: bytes) -> bool:
    """Whether an anchor file with this content was made by ca_trust."""
    return bool(_MARK.match(content))


def unmarked(content: bytes) -> bytes:
    """The content without the mark, if it has one."""
    return _MARK.sub(b"", content)


def others_in(content: bytes) -> Optional[bytes]:
    """What somebody has added to a file that ca_trust made, which holds one certificate; nothing if that is none."""
    text = unmarked(content)
    first = next(certificates_in(text), None)
    return cut(text, {fingerprint(first.der)}) if first else None
