# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Which proxy Go programs use for a registry: HTTPS_PROXY and NO_PROXY as golang.org/x/net reads them."""

import base64
import ipaddress
import re
from typing import List, Mapping, NamedTuple, Optional, Tuple, Union
from urllib.parse import unquote_to_bytes, urlsplit

from ansible_collections.airgap.openshift.plugins.module_utils._words import VisibleError

__all__ = ("Proxy", "ProxyError", "proxy_for")

_VARIABLES = ("HTTPS_PROXY", "https_proxy")
_EXCEPTIONS = ("NO_PROXY", "no_proxy")
_DEFAULT_PORT = 80
_NETWORK = re.compile(r"[0-9a-f.:]+/[0-9]+\Z")  # Go knows no network masks
_URL = re.compile(r"[\x21-\x7e]+\Z")
_NO_URL = "it is no URL"
_Network = Union[ipaddress.IPv4Network, ipaddress.IPv6Network]


class ProxyError(VisibleError):
    """The environment names a proxy that cannot be used; the message says why and never shows its password."""


class Proxy(NamedTuple):
    """A proxy that speaks HTTP, the variable that named it, and the header that logs in to it, if there is one."""

    host: str
    port: int
    variable: str
    authorization: str = ""

    @property
    def secrets(self) -> List[str]:
        """What it could repeat of its login."""
        pair = self.authorization.partition(" ")[2]
        user_and_password = base64.b64decode(pair).decode("utf-8", "replace")
        return [pair, user_and_password.partition(":")[2]]

    @property
    def url(self) -> str:
        """Where it is, without user and password."""
        return f"http://{_bracketed(self.host)}:{self.port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def proxy_for(host: str, port: int, environ: Mapping[str, str]) -> Optional[Proxy]:
    """Return the proxy for a TLS connection; nothing where there is to be none.

    The upper-case name of a variable counts first; localhost and loopback addresses are never reached by a proxy.

    Raises: ProxyError for one that is no HTTP proxy.
    """
    variable, value = _first(environ, _VARIABLES)
    if not value or _is_local(host) or _is_excepted(host.lower(), port, _first(environ, _EXCEPTIONS)[1]):
        return None
    return _parsed(variable, value)


def _first(environ: Mapping[str, str], names: Tuple[str, ...]) -> Tuple[str, str]:
    return next(((name, environ[name]) for name in names if environ.get(name)), (names[0], ""))


def _is_local(host: str) -> bool:
    address = _address(host)
    return host == "localhost" or (address is not None and ipaddress.ip_address(address).is_loopback)


def _is_excepted(host: str, port: int, exceptions: str) -> bool:
    return any(_excepts(item.strip().lower(), host, port) for item in exceptions.split(","))


def _excepts(item: str, host: str, port: int) -> bool:
    """Say whether an item of NO_PROXY names this host: ``*``, a network, an address, a domain, maybe with a port."""
    if item in ("", "*"):
        return item == "*"
    address = _address(host)
    network = _network(item)
    if network is not None:
        return address is not None and ipaddress.ip_address(address) in network
    name, given_port = _host_and_port(item)
    if not name or given_port not in ("", str(port)):
        return False
    if _address(name) is not None:
        return address is not None and _address(name) == address
    if name.startswith("*."):
        name = name[1:]
    return host.endswith(name) if name.startswith(".") else host == name or host.endswith("." + name)


def _address(host: str) -> Optional[str]:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def _network(item: str) -> Optional[_Network]:
    try:
        return ipaddress.ip_network(item, strict=False) if _NETWORK.match(item) else None
    except ValueError:
        return None


def _host_and_port(item: str) -> Tuple[str, str]:
    if item.startswith("[") and "]:" in item:  # without a port Go takes the brackets for a part of a name
        host, _bracket, port = item[1:].partition("]:")
        return host, port
    if item.count(":") == 1:
        host, _colon, port = item.partition(":")
        return host, port
    return item, ""


def _parsed(variable: str, value: str) -> Proxy:
    if not _URL.match(value):
        raise ProxyError("it holds a space, or another character that no URL can")
    url = value if "://" in value else f"http://{value}"
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORT
    except ValueError:
        raise ProxyError(_NO_URL) from None
    if not parts.scheme:
        raise ProxyError(_NO_URL)
    if parts.scheme.lower() != "http":
        raise ProxyError(f"it begins with {parts.scheme}://, and this check speaks to proxies over http:// only")
    if not parts.hostname:
        raise ProxyError("it has no host")
    return Proxy(parts.hostname, port, variable, _authorization(parts.username, parts.password))


def _authorization(user: Optional[str], password: Optional[str]) -> str:
    if user is None:
        return ""
    pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password or "")
    return f"Basic {base64.b64encode(pair).decode('ascii')}"
