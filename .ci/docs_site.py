# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builds the site of the documentation: docs_site.py SOURCES SITE, two folders. Warnings and dead links are errors.

The collection has to lie where ANSIBLE_COLLECTIONS_PATH leads. No network is needed.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

COLLECTION = "airgap.openshift"
OWNER = "airgap.openshift contributors"
ANSIBLE = "https://docs.ansible.com/projects/ansible/devel/"
# Pages of Ansible's own documentation, by the labels that ours refers to; modules need no row.
LABELS = {
    "action_plugins": "plugins/action.html",
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
}
INVENTORY = """\
# Sphinx inventory version 2
# Project: Ansible
# Version:
# The remainder of this file is compressed using zlib.
"""
# The theme breaks no lines in tables, nor long names in titles, which run out of a narrow window, but those of code.
STYLE = """\
.rst-content h1, .rst-content h2 { overflow-wrap: anywhere; }
.rst-content .docutils td, .rst-content .docutils th { white-space: normal !important; }
.rst-content td code { white-space: normal !important; overflow-wrap: anywhere; }
.rst-content .highlight pre { white-space: pre !important; overflow-x: auto; }
"""
# The theme's logo would lead to the root of the server.
SETTINGS = """\
intersphinx_mapping = {{"ansible": ("{url}", "{inventory}")}}
html_static_path = ["_static"]
html_css_files = ["own.css"]


def setup(app):
    def home(_app, _page, _template, context, _doctree):
        context["theme_documentation_home_url"] = context["pathto"]("index")

    app.connect("html-page-context", home)
"""


def main(sources: Path, site: Path) -> int:
    """Returns the exit code."""
    shutil.rmtree(sources, ignore_errors=True)
    shutil.rmtree(site, ignore_errors=True)
    sources.mkdir(parents=True)
    options = ["--use-current", "--squash-hierarchy", "--dest-dir"]
    names = ["--project", COLLECTION, "--title", COLLECTION, "--copyright", OWNER]
    run("antsibull-docs", "sphinx-init", *names, *options, str(sources), COLLECTION)
    run("antsibull-docs", "collection", *options, str(sources / "rst"), COLLECTION)
    complete(sources)
    run("sphinx-build", "-q", "-W", "--keep-going", "-c", str(sources), str(sources / "rst"), str(site))
    pages = sorted(site.rglob("*.html"))
    broken = sorted(dead_links(site, pages))
    print("\n".join(broken), end="\n" * bool(broken))
    print(f"{len(pages)} pages in {site}, {len(broken)} dead links")
    return min(1, len(broken))


def run(*command: str) -> None:
    """Run a program, which has to succeed."""
    subprocess.run(command, check=True)


def complete(sources: Path) -> None:
    """What antsibull-docs leaves open: links to Ansible's pages without asking for them, and a style of tables."""
    text = "\n".join(page.read_text(encoding="utf-8") for page in sources.rglob("*.rst"))
    modules = set(re.findall(r"ansible_collections\.(?!airgap)\w+\.\w+\.\w+_module\b", text))
    pages = {label: f"{label.rpartition('_module')[0].replace('.', '/')}_module.html" for label in modules}
    rows = {**LABELS, **{label: page.replace("ansible_collections", "collections", 1) for label, page in pages.items()}}
    lines = [f"{label} std:label -1 {page}#{re.sub('[._]', '-', label)} {label}" for label, page in rows.items()]
    inventory = sources / "ansible.inv"
    inventory.write_bytes(INVENTORY.encode() + zlib.compress("\n".join(lines).encode() + b"\n"))
    style = sources / "_static/own.css"
    style.parent.mkdir()
    style.write_text(STYLE, encoding="utf-8")
    with sources.joinpath("conf.py").open("a", encoding="utf-8") as settings:
        settings.write(SETTINGS.format(url=ANSIBLE, inventory=inventory))


class Page(HTMLParser):
    """The links and their targets of a page."""

    def __init__(self, path: Path) -> None:
        """Read it."""
        super().__init__()
        self.links: set[str] = set()
        self.targets = {"", "#"}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element's own name, and what it leads to."""
        for name, value in attrs:
            if name in ("href", "src"):
                self.links.add(value or "")
            elif name in ("id", "name"):
                self.targets.add(value or "")


def dead_links(site: Path, paths: list[Path]) -> Iterator[str]:
    """Links within the site that lead nowhere."""
    pages = {path: Page(path) for path in paths}
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            known = pages[target].targets if target in pages else {parts.fragment}
            if not target.is_file() or unquote(parts.fragment) not in known:
                yield f"{path.relative_to(site)} leads to {link}, which is not there"


if __name__ == "__main__":
    sys.exit(main(*(Path(argument).resolve() for argument in sys.argv[1:])))
