# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A double of `oc`: real kubectl, and around it what oc does otherwise, as observed with oc 4.22.

`oc extract` of one Secret (to stdout, to a folder), `oc whoami`, and oc's own words where no configuration is found
are done here; everything else is handed to kubectl as it is. So TLS, authentication, kubeconfig, time limits, exit
codes and nearly all error texts are the real client's.

It does not do: `oc login` and everything else that kubectl lacks, `oc extract` of ConfigMaps, of several resources or
from files (-f), in-cluster service accounts, nor oc's order of several keys, which changes from run to run.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
from typing import NoReturn

GLOBAL_FLAGS = (
    ("--kubeconfig",), ("--context",), ("--cluster",), ("--user",), ("--namespace", "-n"), ("--server", "-s"),
    ("--token",), ("--as",), ("--as-group",), ("--certificate-authority",), ("--request-timeout",), ("--cache-dir",),
    ("--v", "-v"),
)  # fmt: skip
NO_CONFIGURATION = """\
error: Missing or incomplete configuration info.  Please point to an existing, complete config file:


  1. Via the command-line flag --kubeconfig
  2. Via the KUBECONFIG environment variable
  3. In your home directory as ~/.kube/config

To view or setup config directly use the 'config' command."""
NO_RESOURCE = """\
error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'"""


def fail(message: str) -> NoReturn:
    sys.exit(message)  # on stderr, with exit code 1, as oc does whatever the cause


def main(words: list[str]) -> None:
    # Python would make an error of a closed pipe; oc dies of the signal.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    for names in GLOBAL_FLAGS:
        parser.add_argument(*names)
    parser.add_argument("--insecure-skip-tls-verify", action="store_true")
    parser.add_argument("--confirm", action="store_true")
    parser.add_argument("--keys", action="append", default=[])
    parser.add_argument("--to", default=".")
    parser.add_argument("words", nargs="*")
    options, unknown = parser.parse_known_intermixed_args(words)
    verb, *rest = options.words or [""]
    if verb in ("extract", "get", "whoami") and not has_configuration(options):
        fail(NO_CONFIGURATION)
    if verb == "whoami":
        print(json.loads(kubectl(options, "get", "--raw", "/apis/user.openshift.io/v1/users/~"))["metadata"]["name"])
    elif verb != "extract":
        os.execvp("kubectl", ["kubectl", *words])
    elif unknown:
        fail(f"error: unknown flag: {unknown[0].partition('=')[0]}\nSee 'oc extract --help' for usage.")
    else:
        extract(options, rest)


def has_configuration(options: argparse.Namespace) -> bool:
    """kubectl would go to localhost:8080 instead."""
    if options.kubeconfig or options.server:
        return True
    named = os.environ.get("KUBECONFIG")
    files = named.split(":") if named else [f"{os.environ.get('HOME', '')}/.kube/config"]
    return any(os.path.exists(file) and os.path.getsize(file) for file in files)


def extract(options: argparse.Namespace, resources: list[str]) -> None:
    if not resources:
        fail(NO_RESOURCE)
    if "/" not in resources[0]:
        fail(f'error: the argument "{resources[0]}" must be RESOURCE/NAME')
    target = pathlib.Path(options.to)
    if options.to != "-" and not target.exists():
        if not options.confirm:
            remedy = "use --confirm if you want to create target directory"
            fail(f"error: {remedy}: stat {target}: no such file or directory")
        target.mkdir(parents=True)
    data = json.loads(kubectl(options, "get", resources[0], "-o", "json")).get("data") or {}
    wanted = [key for several in options.keys for key in several.split(",")]
    for key, value in data.items():
        if not wanted or key in wanted:
            content = base64.b64decode(value)
            if options.to == "-":
                show(key, content)
            else:
                save(target / key, content, overwrite=options.confirm)


def show(key: str, content: bytes) -> None:
    print(f"# {key}", file=sys.stderr, flush=True)
    with contextlib.suppress(OSError):  # oc does not notice a full device or a closed stdout
        os.write(1, content if content.endswith(b"\n") else content + b"\n")


def save(path: pathlib.Path, content: bytes, *, overwrite: bool) -> None:
    how = os.O_TRUNC if overwrite else os.O_EXCL
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600), "wb") as file:
            file.write(content)
    except FileExistsError:
        fail(f"error: {path.name}: file exists, pass --confirm to overwrite")
    except OSError as problem:
        fail(f"error: {path.name}: open {path}: {(problem.strerror or '').lower()}")
    print(path)


def kubectl(options: argparse.Namespace, *words: str) -> bytes:
    """The output of a kubectl command; ends the program as oc would where kubectl fails."""
    given = [(names[0], getattr(options, names[0][2:].replace("-", "_"))) for names in GLOBAL_FLAGS]
    flags = [f"{name}={value}" for name, value in given if value]
    flags += ["--insecure-skip-tls-verify"] * options.insecure_skip_tls_verify
    done = subprocess.run(["kubectl", *flags, *words], capture_output=True, check=False)
    told = done.stderr.decode()
    if done.returncode:
        # kubectl names the first of two problems, oc both.
        bullets = r"Error in configuration: \n* \1\n* cluster has no server defined"
        pattern = r"^Error in configuration: (context was not found.*)$"
        fail(re.sub(pattern, bullets, told, flags=re.MULTILINE).rstrip("\n"))
    sys.stderr.write(told)
    return done.stdout


if __name__ == "__main__":
    main(sys.argv[1:])
