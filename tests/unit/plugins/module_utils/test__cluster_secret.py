# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils import _cluster_secret

ADDRESS = _cluster_secret.Address("openshift-config", "pull-secret")
KLOG = 'E1122 16:24:31.095012   18129 memcache.go:265] "Unhandled Error" err="dial tcp 127.0.0.1:1: connect: nothing"\n'


BROKE = "the connection to the cluster broke; try again"
SLOW = "the cluster's API did not answer in time; check it or raise timeout"
UNTRUSTED = "oc does not trust the certificate of the cluster's API; put its CA into the kubeconfig"


def read(rc=1, stdout=b"", stderr="", timed_out=False, too_long=False):
    how = {"timed_out": timed_out, "too_long": too_long, "seconds": 60}
    return _cluster_secret.read(ADDRESS, rc=rc, stdout=stdout, stderr=stderr, **how)


def test_runs_the_documented_command():
    assert _cluster_secret.command("/usr/bin/oc", ADDRESS, 60) == [
        "/usr/bin/oc", "extract", "secret/pull-secret", "-n", "openshift-config", "--keys=.dockerconfigjson", "--to=-",
        "--request-timeout=12s",
    ]  # fmt: skip


def test_passes_the_login_on_and_gives_each_request_at_least_a_second():
    address = _cluster_secret.Address("ns", "name", kubeconfig="/kc", context="ctx")
    assert _cluster_secret.command("oc", address, 1)[-5:] == [
        "--request-timeout=1s", "--kubeconfig", "/kc", "--context", "ctx"
    ]  # fmt: skip


def test_returns_what_oc_prints():
    assert read(rc=0, stdout=b'{"auths":{}}\n', stderr="Warning: old\n# .dockerconfigjson") == b'{"auths":{}}\n'


# What oc 4.22 really said against a real API server, each with what it means.
@pytest.mark.parametrize(
    ("stderr", "meaning"),
    [
        (
            "error: Missing or incomplete configuration info.  Please point to an existing, complete config file:\n\n\n"
            "  1. Via the command-line flag --kubeconfig\n\n"
            "To view or setup config directly use the 'config' command.",
            "oc finds no kubeconfig; log in on this host or set kubeconfig",
        ),
        (
            "error: stat /nonexistent/kc: no such file or directory",
            "there is no such kubeconfig on this host; correct kubeconfig",
        ),
        (
            'error: error loading config file "unread.kc": open unread.kc: permission denied',
            "this user may not read the kubeconfig; use become or another one",
        ),
        (
            'error: error loading config file "mal.kc": yaml: line 3: did not find expected node content',
            "the kubeconfig is damaged; correct it or set kubeconfig to another one",
        ),
        ('error: context "gone" does not exist', "the kubeconfig has no such context; correct context"),
        (
            "Error in configuration: \n* context was not found for specified context: gone\n"
            "* cluster has no server defined",
            "the kubeconfig has no such context; correct context",
        ),
        (
            "error: You must be logged in to the server (Unauthorized)",
            "the login is not valid or has expired; log in again with 'oc login'",
        ),
        (
            'Error from server (Forbidden): secrets "pull-secret" is forbidden: User "nobody" cannot get resource',
            "this user of the cluster may not read secret 'pull-secret'; log in as cluster-admin",
        ),
        (
            'Error from server (Forbidden): secrets "pull-secret" is forbidden: User "system:anonymous" cannot get',
            "the kubeconfig holds no credentials; log in with 'oc login'",
        ),
        (
            'Error from server (NotFound): secrets "pull-secret" not found',
            "the cluster has no secret 'pull-secret' in namespace 'openshift-config'; correct secret or namespace",
        ),
        (
            'Error from server (NotFound): namespaces "openshift-config" not found',
            "the cluster has no namespace 'openshift-config'; correct namespace",
        ),
        (
            "Unable to connect to the server: tls: failed to verify certificate: x509: "
            "certificate signed by unknown authority",
            "oc does not trust the certificate of the cluster's API; put its CA into the kubeconfig",
        ),
        (
            KLOG * 4 + "The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?",
            "the cluster's API is not reachable; check that it is up",
        ),
        (
            KLOG + "Unable to connect to the server: dial tcp: lookup api.example.com on 192.0.2.1:53: no such host",
            "the name of the cluster's API does not resolve; correct DNS or the kubeconfig",
        ),
        (
            "Unable to connect to the server: context deadline exceeded "
            "(Client.Timeout exceeded while awaiting headers)",
            SLOW,
        ),
        (
            "Unable to connect to the server: net/http: TLS handshake timeout",
            SLOW,
        ),
        (
            "Error from server (Timeout): the server was unable to return a response in the time allotted, but may "
            "still be processing the request (get secrets pull-secret)",
            SLOW,
        ),
        (
            "Unable to connect to the server: net/http: request canceled "
            "(Client.Timeout exceeded while awaiting headers)",
            SLOW,
        ),
        (
            "error: Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a "
            "corresponding time unit (e.g. 1s | 2m | 3h)",
            "oc cannot wait that long; give a smaller timeout",
        ),
        ("error: unable to load root certificates: unable to parse bytes as PEM block", UNTRUSTED),
        (
            'Error from server (InternalError): an error on the server ("") has prevented the request from succeeding',
            "the cluster's API is in trouble; try again later",
        ),
        (
            "Error from server (TooManyRequests): the server has received too many requests and has asked us to try "
            "again later (get secrets pull-secret)",
            "the cluster's API is in trouble; try again later",
        ),
        (
            'Error from server (InternalError): an error on the server ("x509: certificate has expired: timeout") has',
            "the cluster's API is in trouble; try again later",
        ),
        (
            'error: Get "https://192.0.2.1:6443/api?timeout=12s": read tcp 192.0.2.2:5->192.0.2.1:6443: read: '
            "connection reset by peer - error from a previous attempt: net/http: TLS handshake timeout",
            BROKE,
        ),
        ('error: Get "https://192.0.2.1:6443/apis?x=1&timeout=12s": unexpected EOF', BROKE),
        ("error: unexpected error when reading response body. Please retry. Original error: unexpected EOF", BROKE),
        ("error: unexpected error when reading response body. Please retry. Original error: stream closed", BROKE),
        ("error: unexpected error when reading response body. Please retry. Original error: net/http: timeout", SLOW),
        (
            'Unable to connect to the server: Get "https://192.0.2.1:6443/api?timeout=12s": x509: certificate signed',
            UNTRUSTED,
        ),
        (
            'Unable to connect to the server: Get "https://192.0.2.1:6443/api?x=1&timeout=12s": something else',
            "oc failed with exit code 1; run it by hand on this host to see more",
        ),
        (
            "error: serializer for text/html doesn't exist",
            "what answers is not the API of a cluster; correct the kubeconfig",
        ),
        (
            "Error from server (ServiceUnavailable): the server is currently unable to handle the request",
            "the cluster's API is in trouble; try again later",
        ),
        (
            'error: Get "https://192.0.2.1:6443/api": read: connection reset by peer - error from a previous attempt',
            "the connection to the cluster broke; try again",
        ),
        (
            "Unable to connect to the server: stream error: stream ID 1; INTERNAL_ERROR; received from peer",
            "the connection to the cluster broke; try again",
        ),
        (
            "timeout: failed to run command '/usr/local/bin/oc': Exec format error",
            "oc cannot be run; install the one for this platform or set oc",
        ),
        # An oc of another platform, run by execvp of the C library with dash and with bash.
        (
            '/usr/bin/oc: 1: Syntax error: "(" unexpected',
            "oc cannot be run; install the one for this platform or set oc",
        ),
        ("/usr/bin/oc: 1: \ufffdELF: not found", "oc cannot be run; install the one for this platform or set oc"),
        (
            "/usr/bin/oc: /usr/bin/oc: cannot execute binary file",
            "oc cannot be run; install the one for this platform or set oc",
        ),
    ],
)
def test_tells_what_went_wrong(stderr, meaning):
    with pytest.raises(_cluster_secret.ClusterSecretError) as caught:
        read(stderr=stderr)
    message, _dot, said = str(caught.value).partition(". oc said: ")
    assert message == meaning
    assert said in [line.strip() for line in stderr.splitlines() if not line.startswith("E1122")]


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ({"rc": 3}, "oc failed with exit code 3; run it by hand on this host to see more. oc said: nothing"),
        (
            {"stderr": KLOG + "first\nerror: something new\n\n"},
            "oc failed with exit code 1; run it by hand on this host to see more. oc said: error: something new",
        ),
        (
            {"rc": 124, "timed_out": True},
            "oc did not end within 60 seconds; check the cluster's API or raise timeout",
        ),
        (
            {"rc": 0, "stdout": b"x", "too_long": True},
            "oc printed more than any pull secret has; set oc to the OpenShift client",
        ),
        (
            {"rc": 0, "stdout": b"\n"},
            "secret 'pull-secret' in namespace 'openshift-config' has no key '.dockerconfigjson'; "
            "name one of type kubernetes.io/dockerconfigjson",
        ),
    ],
)
def test_other_failures(outcome, message):
    with pytest.raises(_cluster_secret.ClusterSecretError) as caught:
        read(**outcome)
    assert str(caught.value) == message


@pytest.mark.parametrize("stderr", ["error: new " + "x" * 1000, "error: EOF " + "x" * 1000])
def test_quotes_only_the_beginning_of_a_long_line(stderr):
    with pytest.raises(_cluster_secret.ClusterSecretError) as caught:
        read(stderr=stderr)
    assert str(caught.value).endswith(". oc said: " + stderr[:300])


def test_looks_where_sudo_does_not():
    assert list(_cluster_secret.MORE_DIRECTORIES) == ["/usr/local/bin", os.path.expanduser("~/bin")]


def test_says_that_oc_is_not_there():
    assert str(_cluster_secret.not_installed("oc")) == (
        "'oc' was not found in PATH, /usr/local/bin or ~/bin; install the OpenShift client, set oc to its path, "
        "or give the pull secret with src or content"
    )


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("token sha256~Kd8s0AZ9fJ3kQm2xYwVbTnLpRcHgUeSi is bad", "token ... is bad"),
        ('{"auth": "c3RhcGxlLWNvcnJlY3QtaG9yc2U="}', '{"auth": ...}'),
        ('z"auth\0\0": "c1RvcnJlY2U=", "email": ""', 'z"auth\\x00\\x00": ..., "email": ""'),
        ('{"auth": U=coauth": "c5RhcGxlLWNvcnJs"}', '{"auth": ...}'),
        ('{"password": "correct, horse \\"}battery", "email": ""}', '{"password": ..., "email": ""}'),
        ("password='correct horse' is not right", "password=... is not right"),
        ("password='correct horse", "password=..."),
        (r"got {\"auth\": \"correct horse\", \"email\": \"a\"}", r"got {\"auth\": ..."),
        ("token: Bearer correct-horse is not right", "token: ... is not right"),
        ('bearer ""auth": "correct-horse"', "bearer ... ..."),
        ("Bearer eyJhbGciOiJSUzI1NiIsImtpZCI6Ik.eyJpc3MiOiJrdWJlcm5ldGVzL3NlcnZpY2", "Bearer ..."),
        (
            '{"auths":{"r":{"auth":"YWRtaW46cmVkaGF0","password": "correct-horse"}}}',
            '{"auths":{"r":{"auth":...,"password": ...}}}',
        ),
        (
            "identityToken=5f4dcc3b5aa765d6, Authorization: Basic YWRtaW46cmVkaGF0",
            "identityToken=..., Authorization: Basic ...",
        ),
        ("what is 5f4dcc3b5aa765d61d8327deb882cf99 for", "what is ... for"),
        ("error: invalid bearer token", ""),
        ('secrets "pull-secret" not known: unknown auth', ""),
        ("no CustomResourceDefinitions at api.cluster-1.Example.com:6443/a-b", None),
    ],
)
def test_nothing_like_a_token_is_quoted(said, quoted):
    with pytest.raises(_cluster_secret.ClusterSecretError) as caught:
        read(stderr=said)
    assert str(caught.value).endswith(f"oc said: {quoted or said}")


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("[" * 65536, "..."),
        ("error: " + "[" * 65536, "error: ..."),
        ("error: " + "x " * 800 + "aB3" * 9999, "error: " + "x " * 146 + "x"),
    ],
)
def test_words_without_end_are_not_looked_through(stderr, said):
    """Which would take minutes, since each place of one begins a search for the end of a token."""
    with pytest.raises(_cluster_secret.ClusterSecretError) as caught:
        read(stderr=stderr)
    assert str(caught.value).partition("oc said: ")[2].strip() == said
