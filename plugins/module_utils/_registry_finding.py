# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What can be found about a registry, from the name to the permission to push: one table for results and documentation.

``seen`` is what skopeo, podman, oc and oc-mirror print, as far as it is the same in all of them: the words of Go's
libraries and of containers/image (held to the real skopeo by tests/e2e/test_registry_scenarios.py).
"""

from typing import Dict, NamedTuple, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils._words import visible

__all__ = (
    "API",
    "CAUSES",
    "FAILS",
    "KEY",
    "LOGIN",
    "PULL",
    "PUSH",
    "REACH",
    "STEPS",
    "TELLS",
    "TLS",
    "WARNS",
    "Cause",
    "Finding",
    "RegistryError",
    "finding",
)  # fmt: skip

REACH, TLS, API, KEY, LOGIN, PULL, PUSH = "reach", "tls", "api", "key", "login", "pull", "push"
# In the order in which a client needs them; KEY needs no network.
STEPS = (REACH, TLS, API, KEY, LOGIN, PULL, PUSH)

FAILS = "error"  # at least one of the mirroring tools fails
WARNS = "warning"
TELLS = "note"

_NOBODY = ""  # clients say nothing, or nothing of their own


class Cause(NamedTuple):
    """What is wrong, one remedy, and what other tools say of it. Words in braces are filled in."""

    step: str
    severity: str
    cause: str
    remedy: str
    seen: str


class Finding(NamedTuple):
    """One thing found at one step of reaching a registry."""

    step: str
    code: str
    message: str
    remedy: str
    severity: str

    def sentence(self) -> str:
        """Return the finding as a text that stands alone."""
        return f"{self.message}; {self.remedy}"


_UNKNOWN_AUTHORITY = "x509: certificate signed by unknown authority"
_LOGIN_WANTED = "authentication required"

CAUSES: Dict[str, Cause] = {
    # The way to the registry.
    "dns-failure": Cause(
        REACH, FAILS, "{host} has no address: {detail}",
        "correct the name, or add it to DNS or to /etc/hosts of the mirror host", "no such host",
    ),
    "connection-refused": Cause(
        REACH, FAILS, "{peer} refuses connections: nothing listens on this port, or a firewall rejects it",
        "start the registry, correct the port, or open the firewall", "connect: connection refused",
    ),
    "connection-timeout": Cause(
        REACH, FAILS, "{peer} did not answer within {seconds} seconds",
        "see whether a firewall drops what is sent there, or raise the timeout", "i/o timeout",
    ),
    "no-route": Cause(
        REACH, FAILS, "there is no way to {peer}: {detail}",
        "see to the network and the routes of the mirror host", "network is unreachable",
    ),
    "connection-lost": Cause(
        REACH, FAILS, "{peer} ended the connection: {detail}",
        "look into the log of the registry, and of whatever stands before it", "EOF",
    ),
    "proxy-unreachable": Cause(
        REACH, FAILS, "the proxy {proxy}, which {variable} names for {host}, cannot be reached: {detail}",
        "add {host} to no_proxy if the registry can be reached without it, or correct {variable}", "proxyconnect tcp:",
    ),
    "proxy-denied": Cause(
        REACH, FAILS, "the proxy {proxy}, which {variable} names for {host}, does not let {peer} through: {detail}",
        "add {host} to no_proxy if the registry can be reached without it, or have the proxy allow it", _NOBODY,
    ),
    "proxy-login": Cause(
        REACH, FAILS, "the proxy {proxy}, which {variable} names for {host}, asks for a login (407)",
        "add {host} to no_proxy if the registry can be reached without it, or give user and password in {variable}",
        "Proxy Authentication Required",
    ),
    "proxy-unusable": Cause(
        REACH, FAILS, "{variable} names no usable proxy: {detail}",
        "name one at http://host:port; this check goes by no other kind (mirror_host_verify: false)",
        "proxyconnect tcp:",
    ),
    "proxy-used": Cause(
        REACH, TELLS, "{peer} is reached by the proxy {proxy}, which {variable} names",
        "add {host} to no_proxy if it is not meant to be", _NOBODY,
    ),
    # TLS.
    "plain-http": Cause(
        TLS, FAILS, "{peer} speaks plain HTTP, which clients refuse unless told to be insecure",
        "give the registry a certificate, or use its TLS port", "server gave HTTP response to HTTPS client",
    ),
    "not-tls": Cause(
        TLS, FAILS, "{peer} does not speak TLS: {detail}", "correct the port, or give the registry a certificate",
        "first record does not look like a TLS handshake",
    ),
    "tls-too-old": Cause(
        TLS, FAILS, "{peer} offers no TLS 1.2 or newer: {detail}",
        "switch on TLS 1.2 or 1.3 in the registry", "protocol version not supported",
    ),
    "tls-refused": Cause(
        TLS, FAILS, "{peer} and the mirror host do not agree on how to speak TLS: {detail}",
        "switch on cipher suites with ECDHE and AES-GCM in the registry", "handshake failure",
    ),
    "client-certificate-wanted": Cause(
        TLS, FAILS, "{peer} wants a certificate of the client",
        "put it and its key into certs.d for podman, skopeo and oc-mirror (which this check does not read), or switch "
        "that off in the registry", "tls: certificate required",
    ),
    "unknown-issuer": Cause(
        TLS, FAILS, "the mirror host does not trust the CA of {peer}: {issuer}{detail}",
        "{advice}", _UNKNOWN_AUTHORITY,
    ),
    "other-ca-of-the-name": Cause(
        TLS, FAILS, "the mirror host trusts a CA named {issuer}, but with another key than the one that signed the "
        "certificate of {peer}", "{advice}", "while trying to verify candidate authority certificate",
    ),
    "self-signed": Cause(
        TLS, FAILS, "{peer} has a certificate that is signed by itself and is no CA's: {issuer}",
        "have a CA sign the certificate of the registry, and trust that CA", _UNKNOWN_AUTHORITY,
    ),
    "incomplete-chain": Cause(
        TLS, FAILS, "{peer} does not send the certificate of the CA that signed its own, which seems to be an "
        "intermediate: {issuer}{detail}",
        "put it after the server's own in the certificate file of the registry; if it is a root, hand it to ca_trust",
        _UNKNOWN_AUTHORITY,
    ),
    "wrong-host-name": Cause(
        TLS, FAILS, "the certificate of {peer} is not valid for {host}, but for {names}",
        "{advice}", "x509: certificate is valid for",
    ),
    "no-subject-alternative-name": Cause(
        TLS, FAILS, "the certificate of {peer} has its name in the Common Name only ({names}), where no client "
        "looks",
        "have a certificate made with a Subject Alternative Name for {host}",
        "x509: certificate relies on legacy Common Name field, use SANs instead",
    ),
    "expired": Cause(
        TLS, FAILS, "{certificate} of {peer} has expired on {date}{clock}", "{advice}",
        "x509: certificate has expired or is not yet valid",
    ),
    "not-yet-valid": Cause(
        TLS, FAILS, "{certificate} of {peer} is not valid before {date}{clock}", "{advice}",
        "x509: certificate has expired or is not yet valid",
    ),
    "weak-signature": Cause(
        TLS, FAILS, "{certificate} of {peer} is signed with {digest}, which is broken",
        "have it signed anew with SHA-256", "x509: cannot verify signature: insecure algorithm",
    ),
    "not-for-servers": Cause(
        TLS, FAILS, "{certificate} of {peer} is not meant for this: {detail}",
        "{advice}", "x509: certificate specifies an incompatible key usage",
    ),
    "certificate-refused": Cause(
        TLS, FAILS, "the certificate of {peer} is not accepted: {detail}",
        "have the administrator of the registry look at it", "x509:",
    ),
    "expires-soon": Cause(
        TLS, WARNS, "{certificate} of {peer} expires in {days} days, on {date}",
        "ask the administrator of the registry for a renewed one", _NOBODY,
    ),
    "certificate-not-judged": Cause(
        TLS, WARNS, "oc, podman and skopeo accept the certificate of {peer}, but Python on the mirror host does not, "
        "so that the check ends here: {detail}", "{advice}", _NOBODY,
    ),
    "certs-d-only": Cause(
        TLS, FAILS, "podman and skopeo trust {peer} by {path} alone; oc and the catalog step of oc-mirror do not",
        "hand the CA certificate to ca_trust too", _NOBODY,
    ),
    "certs-d-in-the-way": Cause(
        TLS, FAILS, "{detail}", "mend or remove {path}", _NOBODY,
    ),
    # The registry's own protocol.
    "not-a-registry": Cause(
        API, FAILS, "{peer} answers, but it is no registry: {detail}",
        "correct host and port; a registry answers at /v2/", _NOBODY,
    ),
    "redirected": Cause(
        API, FAILS, "{peer} sends clients elsewhere, to {detail}, where credentials do not follow",
        "use the name that the registry itself has", _LOGIN_WANTED,
    ),
    "server-error": Cause(
        API, FAILS, "{peer} is in trouble: {detail}", "look into the log of the registry",
        "received unexpected HTTP status: 5",
    ),
    "rate-limited": Cause(
        API, FAILS, "{peer} turns requests away because there are too many: {detail}",
        "wait, or have the limit raised before mirroring", "toomanyrequests: ",
    ),
    "broken-answer": Cause(
        API, FAILS, "{peer} gives an answer that is not to be understood: {detail}",
        "look into the log of the registry, and of whatever stands before it", "malformed HTTP",
    ),
    "clock-skew": Cause(
        API, WARNS, "the clocks of the mirror host and of {peer} differ by {seconds} seconds, which makes tokens and "
        "new certificates invalid", "set both clocks, for instance with chrony", _NOBODY,
    ),
    # The auth file.
    "auth-file-missing": Cause(
        KEY, FAILS, "there is no auth file {path}", "write it with pull_secret_merge, or correct the path",
        _LOGIN_WANTED,
    ),
    "auth-file-unreadable": Cause(
        KEY, FAILS, "the auth file {path} cannot be used: {detail}", "write it anew with pull_secret_merge",
        "unmarshaling JSON at",
    ),
    "auth-file-refused": Cause(
        KEY, FAILS, "the whole auth file is refused by {clients}, because of {keys}",
        "run pull_secret_merge, which names what is wrong with each entry", "json: cannot unmarshal",
    ),
    "no-matching-key": Cause(
        KEY, FAILS, "no credentials for {image} are found in {path} by {clients}",
        "add the registry with pull_secret_merge", _LOGIN_WANTED,
    ),
    "near-miss": Cause(
        KEY, FAILS, "no credentials for {image} are found in {path} by {clients}; its key '{key}' {difference}",
        "write '{wanted}'", _LOGIN_WANTED,
    ),
    "empty-entry": Cause(
        KEY, FAILS, "no credentials for {image} are found in {path} by {clients}, because its entry '{key}' holds none",
        "give the entry user and password with pull_secret_merge, or remove it", _LOGIN_WANTED,
    ),
    "unreadable-entry": Cause(
        KEY, FAILS, "the entry '{key}' of {path} cannot be read by {clients}",
        "give the entry user and password with pull_secret_merge", "illegal base64 data at input byte",
    ),
    "credential-helper": Cause(
        KEY, WARNS, "a credential helper is asked for {image}, not the auth file {path}, by {clients}: the login is "
        "not checked",
        "remove the registry from credHelpers, or credsStore, if the auth file is to count", _NOBODY,
    ),
    "clients-differ": Cause(
        KEY, WARNS, "not all clients use the same credentials for {image}: {detail}",
        "keep one entry for the registry in {path}", _NOBODY,
    ),
    # Login and permissions.
    "rejected-credentials": Cause(
        LOGIN, FAILS, "{peer} rejects the credentials of '{key}'{detail}",
        "correct user and password with pull_secret_merge; see whether the account is locked", _LOGIN_WANTED,
    ),
    "login-unsupported": Cause(
        LOGIN, FAILS, "{peer} asks for a login of a kind that no client knows: {detail}",
        "switch on Basic or token authentication in the registry", _LOGIN_WANTED,
    ),
    "token-server-failed": Cause(
        LOGIN, FAILS, "{peer} sends clients to its token server {realm}, but {detail}", "{advice}", _NOBODY,
    ),
    "token-server-plain-http": Cause(
        LOGIN, WARNS, "{peer} sends clients to the token server {realm} without TLS: they send credentials in the "
        "clear, which this check does not, so that the login is not checked",
        "set the external URL of the registry to https", _NOBODY,
    ),
    "token-broken": Cause(
        LOGIN, FAILS, "the token server {realm} gives no token: {detail}",
        "look into the log of the registry", _LOGIN_WANTED,
    ),
    "token-rejected": Cause(
        LOGIN, FAILS, "{peer} does not accept the token of its own token server {realm}",
        "set the clocks of both, and see whether they share issuer, service and key", _LOGIN_WANTED,
    ),
    "no-login-needed": Cause(
        LOGIN, TELLS, "{peer} answers without a login: whether the credentials are right cannot be told",
        "nothing needs to be done, unless everybody is not meant to read there", _NOBODY,
    ),
    "no-pull-permission": Cause(
        PULL, FAILS, "{peer} accepts the credentials of '{key}', but they may not pull {repository}",
        "have the account allowed to read this repository", "denied",
    ),
    "no-push-permission": Cause(
        PUSH, FAILS, "{peer} accepts the credentials of '{key}', but they may not push to {repository}",
        "have the account allowed to write to this repository", "denied",
    ),
    "robot-without-repository": Cause(
        PUSH, FAILS, "{peer} accepts the credentials of '{key}', a robot account that may not push to {repository}",
        "give the robot account write permission on this repository or its project", "denied",
    ),
    "login-not-asked-for": Cause(
        PUSH, FAILS, "{peer} asks nobody to log in at /v2/, so that clients send no credentials, but not everybody may "
        "{what} {repository}", "have the registry ask for a login at /v2/ (switch off anonymous access)", _LOGIN_WANTED,
    ),
    "namespace-missing": Cause(
        PUSH, FAILS, "{peer} knows no place for {repository}: {detail}",
        "create the project or organization in the registry first", "name unknown",
    ),
    "repository-name-refused": Cause(
        PUSH, FAILS, "{peer} does not take {repository} for a name of a repository: {detail}",
        "use a path that the registry allows; some want exactly a project and a name", "name invalid",
    ),
    "read-only": Cause(
        PUSH, FAILS, "{peer} takes no uploads: {detail}", "end the registry's read-only mode or maintenance", _NOBODY,
    ),
    "upload-refused": Cause(
        PUSH, FAILS, "{peer} does not begin an upload to {repository}: {detail}",
        "look into the log of the registry", _NOBODY,
    ),
    "upload-elsewhere": Cause(
        PUSH, FAILS, "{peer} opens an upload, but tells clients to send it to {where}: {detail}",
        "set the external URL of the registry (http.host), or have the proxy before it send X-Forwarded-Proto and Host",
        _NOBODY,
    ),
    "upload-left-open": Cause(
        PUSH, TELLS, "the upload that was opened in {repository} could not be cancelled: {detail}",
        "nothing needs to be done: registries remove such uploads after a while", _NOBODY,
    ),
}  # fmt: skip


class RegistryError(Exception):
    """Nothing further can be found out, for this reason."""

    def __init__(self, reason: Finding) -> None:
        super().__init__(reason.message)
        self.finding = reason


def finding(code: str, **about: object) -> Finding:
    """Return the finding of a code; ``about`` fills in its words.

    Raises: KeyError for a code, or a word, that is not in the table.
    """
    cause = CAUSES[code]
    shown = {word: visible(str(value)) for word, value in about.items()}
    words: Tuple[str, str] = (cause.cause.format(**shown), cause.remedy.format(**shown))
    return Finding(cause.step, code, *words, severity=cause.severity)
