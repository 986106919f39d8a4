# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: it may change in any release.
"""What is wrong in auth files: what of it is put right, left out or refused, and what is only told."""

from typing import Any, Dict, FrozenSet, Iterator, List, NamedTuple, Sequence, Tuple

from ansible_collections.airgap.openshift.plugins.module_utils import (
    _auth_entry,
    _auth_key,
    _auth_lookup,
    _auth_merge,
    _auth_readers,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_finding import (
    KILLS_THE_FILE,
    LISTED,
    WARNS,
    Finding,
    can_be_repaired,
    kills_the_file,
    listing,
    problem,
    repair,
)
from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFile, AuthFileError

_NONE: Any = object()


class Prepared(NamedTuple):
    """An auth file that can be laid over another one or under it, what was done for that, and what to look at again."""

    file: AuthFile
    found: List[Finding]
    suspects: List[str]


def prepare(file: AuthFile, invalid_entries: str) -> Prepared:
    """Respell the keys that no client finds and, if ``invalid_entries`` is ``drop``, leave out what none can read.

    Each file is prepared by itself: once two are merged, a dead or broken entry of one has spoiled a good one of the
    other, or is taken for another registry and comes back with every run.
    """
    suspects = suspect_keys(file.entries)
    if invalid_entries == "keep":
        return Prepared(file, [], suspects)
    dropping = invalid_entries == "drop"
    fields, found = _drop(file, suspects) if dropping else (file.fields, [])
    auths, respelled = respell(fields.get("auths") or {}, suspects)
    found += respelled
    if dropping:
        left = {key: None for key in suspects if key in auths and _auth_key.flaw(key) == "upper-case-scheme"}
        found += [problem(key, "upper-case-scheme") for key in left]
        auths = {key: entry for key, entry in auths.items() if key not in left} if left else auths
    if "auths" in fields:
        fields = dict(fields, auths=auths)
    return Prepared(file._replace(fields=fields), found, suspects + [each.registry for each in respelled])


def _drop(file: AuthFile, suspects: Sequence[str]) -> Tuple[Dict[str, Any], List[Finding]]:
    """Return the fields of ``file`` less all that makes a client refuse it, and what that was."""
    unusable = _unusable_fields(file.fields)
    broken = [finding for key in suspects for finding in _fatal(key, file.entries[key])]
    gone = {finding.registry for finding in broken}
    fields = {name: value for name, value in file.fields.items() if name not in unusable}
    helpers = _auth_lookup.unusable_helpers(fields)
    if helpers:
        fields["credHelpers"] = {host: name for host, name in fields["credHelpers"].items() if host not in helpers}
    if gone:
        fields["auths"] = {key: entry for key, entry in file.entries.items() if key not in gone}
    return fields, [finding for _name, finding in _fatal_fields(file.fields)] + broken


def suspect_keys(auths: Dict[str, Any]) -> List[str]:
    """Return the keys of all entries in which something may be wrong, so that all are looked through only once."""
    odd = set(_auth_key.odd(auths))
    return [key for key, entry in auths.items() if key in odd or not _auth_entry.is_sound(entry)]


def combine(dest: AuthFile, sources: Sequence[AuthFile], invalid_entries: str) -> Prepared:
    """Lay each of ``sources`` over ``dest`` and those before it."""
    first, *more = (prepare(file, invalid_entries) for file in (dest, *sources))
    result = first._replace(file=AuthFile(_auth_merge.overlay(AuthFile({}), first.file)))
    for above in more:
        fields = _auth_merge.overlay(result.file, above.file)
        result = Prepared(AuthFile(fields), _found_in_both(result, above), result.suspects + above.suspects)
    return result._replace(
        found=result.found + _disagreements([each.file for each in more]),
        suspects=list(dict.fromkeys(result.suspects)),
    )


def _found_in_both(below: Prepared, above: Prepared) -> List[Finding]:
    """Return what was found in two files, less the broken entries of the lower one that the upper one replaces."""
    above_all = above.file.entries
    stays = [
        finding for finding in below.found if finding.severity != KILLS_THE_FILE or finding.registry not in above_all
    ]
    return stays + above.found


def _disagreements(sources: Sequence[AuthFile]) -> List[Finding]:
    """Report each registry for which sources hold different credentials."""
    found: List[Finding] = []
    holder: Dict[str, AuthFile] = {}
    for source in sources if len(sources) > 1 else ():
        for key, entry in source.entries.items():
            before = holder.get(key)
            if before and _auth_entry.login(before.entries[key]) not in (None, _auth_entry.login(entry)):
                found.append(problem(key, "sources-differ", f"{before.name} and {source.name}"))
            holder[key] = source
    return found


def respell(auths: Dict[str, Any], suspects: Sequence[str]) -> Tuple[Dict[str, Any], List[Finding]]:
    """Return ``auths`` with the keys that no client finds replaced by those that all find, in the same order.

    Where that key is taken, or clients find a URL that stands for it, its entry stays; the other one is left out unless
    it holds other credentials. ``suspects`` are the keys that may be such.
    """
    found: List[Finding] = []
    result: Dict[str, Any] = {}
    respelled = _respellings(auths, suspects)
    if not respelled:
        return auths, []
    urls = _urls(auths, suspects)
    rivals = _rivals(auths, suspects)
    for old, entry in auths.items():
        key = respelled[old].registry if old in respelled else old
        there = auths.get(key, result.get(key, urls.get(key, _NONE)))
        login = _auth_entry.login(entry)
        if old not in respelled:
            result[old] = entry
        elif there is not _NONE and login in (None, _auth_entry.login(there)):
            found.append(repair(key, "other-spelling", old))
        elif there is _NONE and _auth_entry.examine(entry).credentials and _hides_nothing(key, login, rivals):
            result[key] = entry
            found.append(respelled[old])
        else:
            result[old] = entry
    return result, found


def _urls(auths: Dict[str, Any], suspects: Sequence[str]) -> Dict[str, Any]:
    """Return the entries with a login under URLs that clients find, by the better spelling of those."""
    live = (key for key in suspects if "://" in key and key in auths and not _auth_key.flaw(key))
    return {_auth_key.canonical(key): auths[key] for key in live if _auth_entry.login(auths[key])}


def _rivals(auths: Dict[str, Any], suspects: Sequence[str]) -> Dict[str, List[Tuple[str, Any]]]:
    """Return by host the keys that some client takes for it, with their logins."""
    hosts: Dict[str, List[Tuple[str, Any]]] = {}
    for key in suspects:
        login = _auth_entry.login(auths[key]) if key in auths else None
        for host in _auth_lookup.hosts_of(key) if login else ():
            hosts.setdefault(host, []).append((key, login))
    return hosts


def _hides_nothing(key: str, login: Any, rivals: Dict[str, List[Tuple[str, Any]]]) -> bool:
    """Say whether no client would use this login for what it finds another one for now."""
    host = _auth_key.image_prefix(key).partition("/")[0]
    return not any(other != login and _is_for(spelling, key, host) for spelling, other in rivals.get(host, ()))


def _is_for(spelling: str, key: str, host: str) -> bool:
    """Say whether an entry of this host counts, for some client, for the whole of ``key``: one under a URL with a path
    does, and under what is no name of a repository."""
    name = _auth_key.canonical(spelling)
    below = "://" in spelling and name.startswith(f"{key}/")
    return name == key or below or (key == host and "/" not in name)


def _respellings(auths: Dict[str, Any], suspects: Sequence[str]) -> Dict[str, Finding]:
    """Return for each key that has a better spelling what to tell of it; ``registry`` is that spelling."""
    respelled: Dict[str, Finding] = {}
    for key in suspects:
        flaw = (_auth_key.flaw(key) if key in auths else None) or ""
        if flaw in ("trailing-slash", "upper-case", "upper-case-scheme"):
            better = _auth_key.canonical(key)
            # A broken entry keeps its key, so that the error names the one that is in the file.
            if not _auth_key.flaw(better) and not any(_fatal(key, auths[key])):
                respelled[key] = repair(better, flaw, key)
    return respelled


def audit(
    fields: Dict[str, Any],
    invalid_entries: str,
    suspects: Sequence[str],
    dest: AuthFile,
    sources: Sequence[AuthFile] = (),
) -> List[Finding]:
    """Judge the auth file ``fields``, of which the entries of ``auths`` are repaired in place unless all is to be kept.

    In all but the ``suspects`` nothing can be wrong. It was made from ``dest`` and ``sources``; an error says which of
    them to correct.

    Raises: AuthFileError for what makes clients refuse the file, when ``invalid_entries`` is ``fail``.
    """
    auths = fields["auths"]
    suspects = [key for key in suspects if key in auths]
    found = _audit_entries(auths, suspects, repairing=invalid_entries != "keep")
    beside = _fatal_fields(fields)
    fatal = [(finding.registry, finding) for finding in found if finding.severity == KILLS_THE_FILE] + beside
    if fatal and invalid_entries == "fail":
        reasons = "; ".join(
            f"{name}{_where(name, bad.code, (dest, *sources))}: {bad.message}; {bad.remedy}"
            for name, bad in fatal[:LISTED]
        )
        raise AuthFileError(
            f"clients would refuse the file because of {listing(list(dict.fromkeys(name for name, _bad in fatal)))}. "
            f"{reasons}. Correct them where they come from, or set invalid_entries to drop or keep"
        )
    found += [finding for _name, finding in beside]
    found += _audit_for_clusters(fields, suspects, sources)
    return [*found, *_audit_helpers(fields), *_audit_spellings(auths, suspects), *_audit_neighbors(auths, suspects)]


def _fatal_fields(fields: Dict[str, Any]) -> List[Tuple[str, Finding]]:
    """Return what makes clients refuse the file beside entries, and the name of each."""
    found = [(name, problem("", "unusable-field", what, name)) for name, what in _unusable_fields(fields).items()]
    return found + [(host, problem(host, "unusable-helper")) for host in _auth_lookup.unusable_helpers(fields)]


def _where(name: str, code: str, origins: Sequence[AuthFile]) -> str:
    holders = dict.fromkeys(file.name for file in origins if file.name and _holds(file, name, code))
    return f" (in {' and in '.join(holders)})" if holders else ""


def _holds(file: AuthFile, name: str, code: str) -> bool:
    if code in ("unusable-field", "unusable-helper"):
        return name in dict(_fatal_fields(file.fields))
    return any(
        code == found.code
        for key, entry in file.entries.items()
        if name in (key, _auth_key.canonical(key))
        for found in _fatal(key, entry)
    )


def _fatal(key: str, entry: Any) -> Iterator[Finding]:
    for code in (*_auth_entry.examine(entry).codes, _auth_key.flaw(key) or ""):
        if kills_the_file(code):
            yield _problem_of_entry(key, code, entry)


def _problem_of_entry(key: str, code: str, entry: Any) -> Finding:
    return problem(key, code, field=str(_auth_entry.unusable_field(entry)) if code == "field-not-text" else "")


def _audit_entries(auths: Dict[str, Any], suspects: Sequence[str], *, repairing: bool) -> List[Finding]:
    found: List[Finding] = []
    for key in suspects:
        entry = auths[key]
        examined = _auth_entry.examine(entry)
        flaw = _auth_key.flaw(key)
        for code in examined.codes:
            repaired = repairing and can_be_repaired(code) and examined.entry is not entry
            found.append(repair(key, code) if repaired else _problem_of_entry(key, code, entry))
        if flaw:
            found.append(problem(key, flaw))
        if repairing and examined.entry is not entry:
            auths[key] = examined.entry
    return found


def _unusable_fields(fields: Dict[str, Any]) -> Dict[str, str]:
    """Return what is wrong with each field beside ``auths`` that makes clients refuse the whole file."""
    unusable = {
        name: f"'{name}' is not an object of texts"
        for name in ("credHelpers", "HttpHeaders")
        if not _auth_lookup.is_map_of_texts(fields.get(name))
    }
    if not _auth_lookup.is_text(fields.get("credsStore")):
        unusable["credsStore"] = "'credsStore' is not text"
    return unusable


def _audit_for_clusters(fields: Dict[str, Any], suspects: Sequence[str], sources: Sequence[AuthFile]) -> List[Finding]:
    """Report what keeps the file from being a cluster's pull secret; a warning if it came from one."""
    known = _auth_readers.READERS["machine-config-operator"].text_fields
    entries = {key: fields["auths"][key] for key in suspects}
    holders = {key: entry.keys() - known for key, entry in entries.items() if _has_more(entry, known)}
    settings = [name for name in fields if name not in _auth_lookup.KNOWN_SETTINGS]
    if not holders and not settings:
        return []
    names = sorted({name for more in holders.values() for name in more})
    about = [f"{listing(sorted(holders))} hold{'s' * (len(holders) == 1)} {listing(names)}"] * bool(holders)
    about += [f"the file holds {listing(settings)}"] * bool(settings)
    finding = problem("", "unknown-to-clusters", " and ".join(about))
    from_cluster = any(key in source.entries for source in sources for key in holders) or any(
        name in source.fields for source in sources for name in settings
    )
    return [finding._replace(severity=WARNS) if from_cluster else finding]


def _has_more(entry: Any, known: FrozenSet[str]) -> bool:
    return isinstance(entry, dict) and not entry.keys() <= known


def _audit_helpers(fields: Dict[str, Any]) -> Iterator[Finding]:
    helpers = fields.get("credHelpers")
    unusable = _auth_lookup.unusable_helpers(fields)
    for host in helpers if isinstance(helpers, dict) else ():
        if host not in unusable:
            yield problem(host, "credential-helper")
    if fields.get("credsStore") and isinstance(fields["credsStore"], str):
        yield problem("", "credentials-store")


def _audit_spellings(auths: Dict[str, Any], suspects: Sequence[str]) -> Iterator[Finding]:
    """Report each registry that is there under other names than the one under which all clients find it."""
    spellings: Dict[str, List[str]] = {}
    for key in suspects:
        name = _auth_key.canonical(key)
        if name != key and not _auth_key.flaw(name):
            spellings.setdefault(name, [name] if name in auths else []).append(key)
    for name, keys in spellings.items():
        if len(keys) > 1:
            yield problem(name, "several-spellings", listing(keys))
        elif name == _auth_key.DOCKER_HUB:
            yield problem(keys[0], "docker-hub", name)


def _audit_neighbors(auths: Dict[str, Any], suspects: Sequence[str]) -> List[Finding]:
    """Report entries of one host that clients confuse: they look for credentials in different orders."""
    odd = (key for key in suspects if "://" in key or _auth_key.HUB in key)
    names = {key: _auth_key.image_prefix(_auth_key.canonical(key)) for key in odd}
    spread = (key.partition("/")[0] for key in auths if "/" in key.rstrip("/"))
    hosts: Dict[str, Dict[str, str]] = {_auth_key.hub_or(host): {} for host in spread}
    for key in auths if hosts else ():
        name = names.get(key, key)
        host = name.partition("/")[0]
        if host in hosts:
            hosts[host].setdefault(name, key)
    return [finding for host, group in hosts.items() if len(group) > 1 for finding in _confused(auths, host, group)]


def _confused(auths: Dict[str, Any], host: str, group: Dict[str, str]) -> Iterator[Finding]:
    """Judge the keys of a host, of which ``group`` has the better spelling too."""
    credentials = {name: _auth_entry.examine(auths[key]).credentials for name, key in group.items()}
    known = {key: _auth_entry.login(auths[key]) for name, key in group.items() if credentials[name] is not None}
    if len(set(known.values())) > 1:
        yield problem(host, "overlap", listing(list(known)))
    for name, key in group.items():
        if credentials[name] is None and not _auth_entry.has_token(auths[key]):
            others = _parents(name) if "/" in name else group
            hidden = next((other for other in others if credentials.get(other)), None)
            if hidden:
                yield problem(key, "shadowed-by-empty-entry", group[hidden])


def _parents(key: str) -> Iterator[str]:
    while "/" in key:
        key = key.rpartition("/")[0]
        yield key
