# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How messages show names that others have chosen: of registries, certificates, files.

Ansible prints warnings and, from 2.19 on, errors as they are, so that such a name could steer a terminal or forge a
line of a log.
"""

__all__ = ("VisibleError", "visible")


def visible(text: str) -> str:
    """Return ``text`` in one line of printable characters: all others are spelled as Python does, such as ``\\x1b``."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


class VisibleError(ValueError):
    """An error whose message is visible, whatever was quoted in it."""

    def __str__(self) -> str:
        return visible(super().__str__())
