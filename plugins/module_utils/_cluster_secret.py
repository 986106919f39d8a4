# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""How ``oc`` is asked for the pull secret of a cluster, and what each way means in which it can fail."""

import os
import re
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._command import run
from ansible_collections.airgap.openshift.plugins.module_utils._words import VisibleError

# sudo's secure_path on RHEL lacks the first, where the client is usually put.
MORE_DIRECTORIES = ("/usr/local/bin", os.path.expanduser("~/bin"))

_REQUESTS = 5  # oc asks up to four times for the list of APIs, then once for the secret
_NOISE = re.compile(r"^(?:[EIWF][0-9]{4} [0-9:.]+ |# |Warning: )|^\s*$")
_OWN_TIMEOUT = re.compile(r"[?&]timeout=\S+")  # what --request-timeout makes of addresses
_LONGEST_QUOTE = 300
_LONGEST_LINE = 2000  # characters that are looked at; the words of a flood of them can be as long as all of it
# A token has no place in what oc says on standard error, but a client or a plug-in of it may say more than it should.
_TOKEN = re.compile(
    r"(?=[^\s0-9]*[0-9])(?=[^\sa-z]*[a-z])(?=[^\sA-Z]*[A-Z])[A-Za-z0-9+/=_~-]{20,}|\b[0-9A-Fa-f]{24,}\b"
)
# A value in quotes may hold spaces and commas. One that looks like a name takes along what follows it as well: the name
# would not be seen again, and the secret after it would be shown.
_ONE_VALUE = r"""(?:\\*"(?:\\.|[^"\\])*"?|\\*'(?:\\.|[^'\\])*'?|(?:(?:bearer|basic)\s+)?[^\s"',}]+)"""
_VALUE = re.compile(
    r"""((?:auth|passw(?:or)?d|token)[^\w\s:=]*\s*[:=]\s*)%s(?:["']?\s*[:=]\s*%s)*""" % (_ONE_VALUE, _ONE_VALUE),
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(\b(?:bearer|basic)\s+)\S{8,}", re.IGNORECASE)

# oc exits with 1 whatever the cause, so only its words tell causes apart (recorded from oc 4.22 against a real API
# server). The first match counts.
_CAUSES: List[Tuple[str, str]] = [
    # What the kernel cannot run, a shell tries to (execvp of the C library), and says at which line it stopped.
    (
        r"timeout: failed to run command|cannot execute binary file|: \d+: (?:\x7f|\ufffd|Syntax error: )",
        "oc cannot be run; install the one for this platform or set oc",
    ),
    (r"Invalid timeout value", "oc cannot wait that long; give a smaller timeout"),
    (r"Missing or incomplete configuration info", "oc finds no kubeconfig; log in on this host or set kubeconfig"),
    (r"error: stat .*: no such file", "there is no such kubeconfig on this host; correct kubeconfig"),
    (
        r"error loading config file.*permission denied",
        "this user may not read the kubeconfig; use become or another one",
    ),
    (r"error loading config file", "the kubeconfig is damaged; correct it or set kubeconfig to another one"),
    (r"context .*does not exist|context was not found", "the kubeconfig has no such context; correct context"),
    (r"Error in configuration|no configuration has been provided", "the kubeconfig is incomplete; log in again"),
    (r"\(Unauthorized\)|must be logged in", "the login is not valid or has expired; log in again with 'oc login'"),
    (r"system:anonymous", "the kubeconfig holds no credentials; log in with 'oc login'"),
    (r"\(Forbidden\)", "this user of the cluster may not read secret '{secret}'; log in as cluster-admin"),
    (r"\(NotFound\): namespaces", "the cluster has no namespace '{namespace}'; correct namespace"),
    (r"\(NotFound\)", "the cluster has no secret '{secret}' in namespace '{namespace}'; correct secret or namespace"),
    (
        r"\(TooManyRequests\)|\(ServiceUnavailable\)|\(InternalError\)",
        "the cluster's API is in trouble; try again later",
    ),
    (r"INTERNAL_ERROR|connection reset|\bEOF\b", "the connection to the cluster broke; try again"),
    (r"x509|certificate", "oc does not trust the certificate of the cluster's API; put its CA into the kubeconfig"),
    (r"no such host", "the name of the cluster's API does not resolve; correct DNS or the kubeconfig"),
    (r"refused|no route to host|network is unreachable", "the cluster's API is not reachable; check that it is up"),
    (r"(?i)timeout|deadline exceeded", "the cluster's API did not answer in time; check it or raise timeout"),
    (r"serializer for text/html|json parse error", "what answers is not the API of a cluster; correct the kubeconfig"),
    (r"reading response body", "the connection to the cluster broke; try again"),
]


class ClusterSecretError(VisibleError):
    """The pull secret cannot be had from the cluster; the message names the cause and the remedy."""


class Address(NamedTuple):
    """Where a secret is, and with which login to ask for it."""

    namespace: str
    secret: str
    kubeconfig: Optional[str] = None
    context: Optional[str] = None

    def __str__(self) -> str:
        return f"secret '{self.secret}' in namespace '{self.namespace}'"


def ask(source: Dict[str, Any], oc: str, seconds: int, find: Callable[..., Optional[str]]) -> bytes:
    """Return the text of the pull secret of a cluster, which never touches the disk.

    ``source`` has what makes its address; ``find`` gives the path of ``oc``.

    Raises: ClusterSecretError for each way in which this fails.
    """
    path = find(oc, opt_dirs=MORE_DIRECTORIES)
    if path is None:
        raise not_installed(oc)
    address = Address(*(source[name] for name in Address._fields))
    return read(address, **run(command(path, address, seconds), seconds)._asdict())


def command(oc: str, address: Address, seconds: int) -> List[str]:
    """Return the documented command that prints the pull secret, to be ended after ``seconds``.

    Without --request-timeout oc waits for ever; each request gets a share of the time, so that oc can tell what it
    waited for before it is ended.

    Raises: ClusterSecretError for a time limit that is none.
    """
    if seconds < 1:
        raise ClusterSecretError(f"timeout is {seconds}; give at least 1 second")
    argv = [oc, "extract", f"secret/{address.secret}", "-n", address.namespace, "--keys=.dockerconfigjson", "--to=-"]
    argv.append(f"--request-timeout={max(1, seconds // _REQUESTS)}s")
    if address.kubeconfig:
        argv += ["--kubeconfig", address.kubeconfig]
    if address.context:
        argv += ["--context", address.context]
    return argv


def not_installed(oc: str) -> ClusterSecretError:
    """Return the error for an ``oc`` that is not on the host."""
    return ClusterSecretError(
        f"'{oc}' was not found in PATH, /usr/local/bin or ~/bin; install the OpenShift client, set oc to its path, "
        "or give the pull secret with src or content"
    )


def read(
    address: Address, *, rc: int, stdout: bytes, stderr: str, timed_out: bool, too_long: bool, seconds: int
) -> bytes:
    """Return the pull secret from what ``oc`` printed.

    Raises: ClusterSecretError for each way in which oc fails.
    """
    if timed_out:
        raise ClusterSecretError(f"oc did not end within {seconds} seconds; check the cluster's API or raise timeout")
    if too_long:
        raise ClusterSecretError("oc printed more than any pull secret has; set oc to the OpenShift client")
    if rc != 0:
        raise ClusterSecretError(_explain(address, rc, stderr))
    if not stdout.strip():
        # oc exits with 0 and says nothing when a secret lacks the key.
        raise ClusterSecretError(
            f"{address} has no key '.dockerconfigjson'; name one of type kubernetes.io/dockerconfigjson"
        )
    return stdout


def _explain(address: Address, rc: int, stderr: str) -> str:
    said = [_shown(line.strip()) for line in stderr.splitlines() if not _NOISE.match(line)]
    for pattern, meaning in _CAUSES:
        for line in said:
            if re.search(pattern, _OWN_TIMEOUT.sub("", line)):
                meaning = meaning.replace("{secret}", address.secret).replace("{namespace}", address.namespace)
                return f"{meaning}. oc said: {line[:_LONGEST_QUOTE]}"
    last = said[-1][:_LONGEST_QUOTE] if said else "nothing"
    return f"oc failed with exit code {rc}; run it by hand on this host to see more. oc said: {last}"


def _shown(line: str) -> str:
    """A line without what may be a token, and without its end where it is long, which may be a part of one."""
    begun = line[:_LONGEST_LINE]
    if begun != line:
        begun = re.sub(r"\S*\Z", "...", begun, count=1)
    named = _SCHEME.sub(r"\1...", _VALUE.sub(r"\1...", begun))
    return _TOKEN.sub("...", named)
