# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""Which credentials each reader of an auth file finds in it for an image, as the readers' own code looks for them."""

import re
from fnmatch import fnmatchcase
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Sequence, Tuple
from urllib.parse import unquote

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_entry, _auth_key
from ansible_collections.airgap.openshift.plugins.module_utils._auth_readers import (
    FAILS,
    FINDS_NOTHING,
    READERS,
    REFUSES,
    Reader,
    worst,
)

ASKS_HELPER = "ask a helper program"
FINDS = "find credentials"
_USES = {ASKS_HELPER: "helper", FINDS_NOTHING: "nothing", FAILS: "failed", REFUSES: "refused"}

Keys = Tuple[str, ...]


class Login(NamedTuple):
    """What a client sends; a token is used in place of the password."""

    user: bytes
    password: bytes
    token: str = ""


_UNUSUAL = re.compile("://|[@?#*]|:(?:/|$)")
# What the machine-config operator lets pass beside entries, of whatever kind.
KNOWN_SETTINGS = ("auths", "credHelpers", "credsStore")

NO_LOGIN = Login(b"", b"")
_URL_HOST = re.compile(r"[^\s%/\\^|{}\"<>`\[\]]*?(?::[0-9]*)?\Z")


class Answer(NamedTuple):
    """What one reader gets for one image.

    ``outcome`` is FINDS, FINDS_NOTHING, ASKS_HELPER, FAILS or REFUSES. There is more than one alternative where the
    reader takes any one of several entries, by chance; the logins of an alternative are tried in turn.
    """

    outcome: str
    alternatives: Tuple[Tuple[Login, ...], ...] = ()
    keys: Keys = ()

    @property
    def is_certain(self) -> bool:
        """Whether one login is used, the same in each run."""
        return self.outcome == FINDS and len(self.alternatives) == 1 and len(set(self.alternatives[0])) == 1


class Index(NamedTuple):
    """An auth file made ready for many lookups; ``refusing`` holds for each reader what makes it refuse the file."""

    fields: Dict[str, Any]
    auths: Dict[str, Any]
    hosts: Dict[str, List[str]]
    patterns: List[str]
    refusing: Dict[str, List[str]]


def index(fields: Dict[str, Any]) -> Index:
    """Look through a whole auth file once: what makes a reader refuse it may be in any entry."""
    auths = fields.get("auths") or {}
    made = Index(fields, auths, {}, [], {name: refused_settings(reader, fields) for name, reader in READERS.items()})
    made.refusing["oc"] += unusable_helpers(fields)
    for key, entry in auths.items():
        for host in hosts_of(key):
            made.hosts.setdefault(host, []).append(key)
        if "*" in key:
            made.patterns.append(key)
        codes = codes_of(key, entry)
        if codes or not _is_plain(entry):
            for name, reader in READERS.items():
                if refuses(reader if name != "oc" or not _is_hidden(key, auths) else READERS["podman"], entry, codes):
                    made.refusing[name].append(key)
    return made


def _is_hidden(key: str, auths: Dict[str, Any]) -> bool:
    """Say whether oc minds an entry no more than podman does: its key is a URL, and the host has one of its own."""
    return _bare(key) != key and _podman_host(key) in auths


def unusable_helpers(fields: Dict[str, Any]) -> List[str]:
    """Return the names in ``credHelpers`` that oc cannot take: it looks up all of them as if they were registries."""
    return [host for host in _helpers(fields) if re.search("://|@", host)]


def codes_of(key: str, entry: Any) -> Tuple[str, ...]:
    """Return the codes of what is wrong with an entry and its key."""
    flaw = _auth_key.flaw(key)
    return _auth_entry.examine(entry).codes + ((flaw,) if flaw else ())


def _is_plain(entry: Any) -> bool:
    """Say whether an entry has only fields that all readers know, and of the right kind."""
    return isinstance(entry, dict) and all(
        name in READERS["machine-config-operator"].text_fields and isinstance(value, str)
        for name, value in entry.items()
    )


def refuses(reader: Reader, entry: Any, codes: Sequence[str]) -> bool:
    """Say whether an entry with these findings makes ``reader`` refuse the file that holds it."""
    if worst(reader, codes) == REFUSES:
        return True
    fields = entry if isinstance(entry, dict) else {}
    if reader.strict and any(name not in reader.text_fields for name in fields):
        return True
    return any(not is_text(fields.get(name)) for name in reader.text_fields)


def refused_settings(reader: Reader, fields: Dict[str, Any]) -> List[str]:
    """Return the fields beside ``auths`` that make ``reader`` refuse the file."""
    unknown = [name for name in fields if name not in KNOWN_SETTINGS] if reader.strict else []
    wrong = [name for name in sorted(reader.text_settings) if not is_text(fields.get(name))]
    return unknown + wrong + [name for name in sorted(reader.map_settings) if not is_map_of_texts(fields.get(name))]


def is_text(value: Any) -> bool:
    """Say whether readers take ``value`` for text; null is as good as nothing."""
    return value is None or isinstance(value, str)


def is_map_of_texts(value: Any) -> bool:
    """Say whether readers take ``value`` for an object of texts; null is as good as nothing."""
    return value is None or (isinstance(value, dict) and all(map(is_text, value.values())))


def look_up(made: Index, client: str, image: str) -> Answer:
    """Return what ``client`` finds for ``image``, which is ``host[:port]/path`` without tag or digest."""
    if made.refusing[client]:
        return Answer(REFUSES, keys=tuple(made.refusing[client]))
    host, _slash, path = image.partition("/")
    host = _auth_key.hub_or(host)
    if _asks_helper(made, client, host, path):
        return Answer(ASKS_HELPER)
    return _answer(made, READERS[client], _SEARCHES[client](made, host, path))


def _answer(made: Index, reader: Reader, found: List[Keys]) -> Answer:
    keys = tuple(dict.fromkeys(key for group in found for key in group))
    if any(worst(reader, codes_of(key, made.auths[key])) == FAILS for key in keys):
        return Answer(FAILS, keys=keys)
    logins = [tuple(filter(None, (login(reader, made.auths[key]) for key in group))) for group in found]
    if not any(logins):
        return Answer(FINDS_NOTHING, keys=keys)
    return Answer(FINDS, tuple(dict.fromkeys(logins)), keys)


def login(reader: Reader, entry: Any) -> Optional[Login]:
    """Return what ``reader`` makes of an entry that it has chosen; nothing where it then has no credentials."""
    if not isinstance(entry, dict):
        return None
    if entry.get("auth"):
        raw = _auth_entry.decoded(entry["auth"])
        user, _colon, password = raw.partition(b":") if b":" in raw else (b"", b"", b"")
        token = _token(reader, entry) if b":" in raw or not reader.needs_auth else ""
        found = Login(user, password.strip(b"\0") if reader.trims_nul else password, token)
    else:
        found = _pair(reader, entry) if reader.reads_pairs else NO_LOGIN
    return None if found == NO_LOGIN else found


def _pair(reader: Reader, entry: Dict[str, Any]) -> Login:
    user, password = (_auth_entry.as_bytes(entry.get(name) or "") for name in ("username", "password"))
    return Login(user, password, _token(reader, entry))


def _token(reader: Reader, entry: Dict[str, Any]) -> str:
    return next((entry[name] for name in reader.token_fields if entry.get(name)), "")


def _asks_helper(made: Index, client: str, host: str, path: str) -> bool:
    helpers = _helpers(made.fields)
    if client in ("podman", "oc"):
        return host in helpers
    if client == "kubelet":
        return False
    names = [_docker_name(host)]
    if client == "catalog":
        repository = _repository(host, path)
        names = [repository] if login(READERS[client], made.auths.get(repository)) else [repository, *names]
    return any(helpers.get(name, made.fields.get("credsStore")) for name in names)


def _helpers(fields: Dict[str, Any]) -> Dict[str, Any]:
    helpers = fields.get("credHelpers")
    return helpers if isinstance(helpers, dict) else {}


def _docker_name(host: str) -> str:
    return _auth_key.DOCKER_HUB if host == _auth_key.HUB else host


def _repository(host: str, path: str) -> str:
    return f"{'index.docker.io' if host == _auth_key.HUB else host}/{path}"


def image_of(key: str) -> str:
    """Return an image that only an entry under ``key``, or above it, is about."""
    return f"{_auth_key.image_prefix(key)}/_"


def use(made: Index, client: str, key: str) -> str:
    """Say how ``client`` uses the entry of ``key`` for an image below it, of which the file knows nothing else."""
    answer = look_up(made, client, image_of(key))
    if answer.outcome != FINDS:
        return _USES[answer.outcome]
    if not answer.is_certain:
        return "any" if len(answer.alternatives) > 1 else "several"
    return "found" if answer.alternatives[0][0] == login(READERS[client], made.auths[key]) else "other"


# How each reader takes a key apart. All are in the index under what any reader takes for their host.


def hosts_of(key: str) -> List[str]:
    """Return the hosts for which some client takes an entry under this key."""
    if not _UNUSUAL.search(key):
        return [_auth_key.hub_or(key.partition("/")[0])]
    # The kubelet takes an empty port for none.
    return sorted({_podman_host(key), _docker_host(key), _kubelet_name(key).partition("/")[0].rstrip(":")})


def _podman_host(key: str) -> str:
    return _auth_key.hub_or(_bare(key).partition("/")[0])


def _bare(key: str) -> str:
    for scheme in ("http://", "https://"):
        key = key[len(scheme) :] if key.startswith(scheme) else key
    return key


def _docker_host(key: str) -> str:
    _scheme, separator, rest = key.partition("://")
    return re.split("[/?#]", rest)[0].rpartition("@")[2] if separator else key.partition("/")[0]


def _kubelet_name(key: str) -> str:
    """Return a key as the kubelet sorts it, without scheme and version of the API; empty if it is no URL."""
    bare = key.partition("://")[2] if key.startswith(("http://", "https://")) else key
    bare = re.split("[?#]", bare)[0]
    host, slash, path = bare.partition("/")
    if not _URL_HOST.match(host):
        return ""
    if path.startswith(("v1/", "v2/")):
        path = path[3:]
    return host.rpartition("@")[2] + (slash + unquote(path) if path else "")


# How each reader looks for an image: groups of keys, of which it takes any one; those of a group it tries in turn.


def _podman(made: Index, host: str, path: str) -> List[Keys]:
    """By name, from the image upwards; then by host, where the key is a URL: any of them."""
    for name in _upwards(host, path):
        if name in made.auths:
            return [(name,)]
    for_host = (key for key in made.hosts.get(host, ()) if _bare(key) != key or "/" not in key)
    return [(key,) for key in for_host if _podman_host(key) == host]


def _upwards(host: str, path: str) -> Iterator[str]:
    name = f"{host}/{path}" if path else host
    while "/" in name:
        yield name
        name = name.rpartition("/")[0]
    yield name


def _oc(made: Index, host: str, path: str) -> List[Keys]:
    """As podman, but an entry without credentials is none."""
    for name in _upwards(host, path):
        there = _podman(made, name, "") if name == host else [(name,)] if name in made.auths else []
        usable = [keys if login(READERS["oc"], made.auths[keys[0]]) else () for keys in there]
        if any(usable):
            return usable
    return []


def _docker(made: Index, host: str, _path: str) -> List[Keys]:
    """By the exact name of the host; then any key of that host, whatever its path."""
    name = _docker_name(host)
    if name in made.auths:
        return [(name,)]
    return [(key,) for key in made.hosts.get(name, ()) if _docker_host(key) == name]


def _catalog(made: Index, host: str, path: str) -> List[Keys]:
    """By the exact name of the repository if it has credentials, else as docker."""
    name = _repository(host, path)
    if login(READERS["catalog"], made.auths.get(name)):
        return [(name,)]
    return _docker(made, host, path)


def _kubelet(made: Index, host: str, path: str) -> List[Keys]:
    """All whose name the image begins with, also in the middle of a word, the longest first; hosts may be patterns."""
    there: Dict[str, List[str]] = {}
    for key in dict.fromkeys((*made.hosts.get(host, ()), *made.patterns)):
        there.setdefault(_kubelet_name(key), []).append(key)
    names = [name for name in there if _kubelet_matches(name, host, path)]
    if not names and host == _auth_key.HUB:
        names = [name for name in there if name == "index.docker.io"]
    group = tuple(key for name in sorted(names, reverse=True) for key in there[name])
    return [group] if group else []


def _kubelet_matches(name: str, host: str, path: str) -> bool:
    pattern, _slash, prefix = name.partition("/")
    labels, port = _labels(pattern)
    wanted, wanted_port = _labels(host)
    if not name or port != wanted_port or len(labels) != len(wanted) or not path.startswith(prefix):
        return False
    return all(fnmatchcase(label, glob) for glob, label in zip(labels, wanted))


def _labels(host: str) -> Tuple[List[str], str]:
    name, _colon, port = host.partition(":")
    return name.split("."), port


_SEARCHES: Dict[str, Callable[[Index, str, str], List[Keys]]] = {
    "podman": _podman,
    "oc": _oc,
    "docker": _docker,
    "catalog": _catalog,
    "kubelet": _kubelet,
}
