# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ways to break the product on purpose, each of which its kind of cases has to find: else it could not fail."""

from __future__ import annotations

import pathlib
import shutil
from typing import NamedTuple


class Break(NamedTuple):
    """A change to a file of the collection."""

    kind: str
    what: str
    path: str
    old: str  # occurs once
    new: str
    column: str = "lost"  # of the table, in which it has to be found; or "leaked"


BREAKS: tuple[Break, ...] = (
    # killed and failing
    Break(
        "killed",
        "files are written in place",
        "plugins/module_utils/_host.py",
        "        with _temporary(*passing, content, finish) as temporary:\n            os.rename(temporary, path)",
        "        open(path, 'wb').write(content)",
    ),
    Break(
        "killed",
        "what is killed leaves a secret where no next run looks",
        "plugins/module_utils/_host.py",
        "(os.path.dirname(path), TEMPORARY_SECRET),",
        "(module.tmpdir, TEMPORARY_SECRET),",
    ),
    Break(
        "killed",
        "an old file gets its mode after the new content",
        "plugins/module_utils/_host.py",
        "    if exists and not (link and module.check_mode):",
        "    if exists and module.check_mode:",
    ),
    Break(
        "killed",
        "what was merged is noted after the merge",
        "plugins/module_utils/_auth_record.py",
        "    made = [Write(path, note.before), Write(dest, dump_file(planned.after)), Write(path, note.after)]",
        "    made = [Write(dest, dump_file(planned.after)), Write(path, note.before), Write(path, note.after)]",
    ),
    Break(
        "killed",
        "a bundle that is older than the anchors is not made anew",
        "plugins/module_utils/_anchors.py",
        "    return any(made < os.stat(path).st_mtime <= time.time() for path in directories)",
        "    return False",
    ),
    Break(
        "killed",
        "what an update that was cut off has not made is not made by the next run",
        "plugins/module_utils/_anchors.py",
        "cut_off = facts_of(store.mark) is not None",
        "cut_off = False",
    ),
    Break(
        "killed",
        "a backup is half of what was there",
        "plugins/module_utils/_host.py",
        "content_of_opened(old, path)\n",
        "content_of_opened(old, path)[:40]\n",
    ),
    Break(
        "killed",
        "a backup is not its owner's",
        "plugins/module_utils/_host.py",
        "        _give_to_owner(descriptor, facts)\n        os.utime(",
        "        os.utime(",
    ),
    Break(
        "killed",
        "a new secret is another user's until it has its name",
        "plugins/module_utils/_host.py",
        "            os.fsync(stream.fileno())",
        "            os.fchown(stream.fileno(), 65534, 65534)",
        column="leaked",
    ),
    Break(
        "failing",
        "errors of the system are not caught",
        "plugins/modules/pull_secret_merge.py",
        "    except (AuthFileError, ClusterSecretError, OSError) as exc:",
        "    except (AuthFileError, ClusterSecretError) as exc:",
    ),
    Break(
        "failing",
        "a message does not name the cause",
        "plugins/module_utils/_host.py",
        "nothing can be written to {folder} ({exc.strerror}); make room",
        "nothing can be written to {folder}; make room",
    ),
    Break(
        "failing",
        "a file that was to be moved stays behind",
        "plugins/module_utils/_host.py",
        "        if os.path.lexists(path):\n            os.remove(path)",
        "        pass",
    ),
    Break(
        "failing",
        "what cannot be looked at is taken for gone",
        "plugins/module_utils/_files.py",
        "  # a link to itself leads to nothing\n        raise",
        "",
    ),
    # leaks
    Break(
        "leaks",
        "passwords are arguments of a program",
        "plugins/modules/pull_secret_merge.py",
        '    absent = module.params["state"] == "absent"\n',
        '    absent = module.params["state"] == "absent"\n'
        '    module.run_command(["true", str(module.params["registries"])])\n',
        column="leaked",
    ),
    Break(
        "leaks",
        "passwords are in the environment of a program",
        "plugins/modules/pull_secret_merge.py",
        '    absent = module.params["state"] == "absent"\n',
        '    absent = module.params["state"] == "absent"\n'
        '    module.run_command(["true"], environ_update={"GIVEN": str(module.params["registries"])})\n',
        column="leaked",
    ),
    Break(
        "leaks",
        "passwords are said to syslog",
        "plugins/modules/pull_secret_merge.py",
        '    absent = module.params["state"] == "absent"\n',
        '    absent = module.params["state"] == "absent"\n'
        '    import syslog\n    [syslog.syslog(str(each["password"])) for each in module.params["registries"]]\n',
        column="leaked",
    ),
    Break(
        "leaks",
        "a password is an option that may be logged",
        "plugins/module_utils/_pull_secret_merge_options.py",
        '            "password": {"type": "str", "no_log": True},',
        '            "password": {"type": "str", "no_log": False},',
        column="leaked",
    ),
    Break(
        "leaks",
        "an error quotes what could not be read",
        "plugins/modules/pull_secret_merge.py",
        "        module.fail_json(msg=f\"Cannot {what} {module.params['dest']}: {exc}\")",
        "        quoted = str(module.params['content'])[9:90]\n"
        "        module.fail_json(msg=f\"Cannot {what} {module.params['dest']}: {exc} {quoted}\")",
        column="leaked",
    ),
    Break(
        "leaks",
        "an error quotes a list in a list",
        "plugins/plugin_utils/_entries.py",
        "{name} is a list itself",
        "{name} is a list itself {value}",
        column="leaked",
    ),
    Break(
        "leaks",
        "an error quotes a private key",
        "plugins/plugin_utils/_certificate_files.py",
        '    if b"PRIVATE KEY-----" in content:\n        raise CertificateError(PRIVATE_KEY)',
        "    if b\"PRIVATE KEY-----\" in content:\n        raise CertificateError(f'private key: {content!r}')",
        column="leaked",
    ),
    Break(
        "leaks",
        "tokens in what oc says are repeated",
        "plugins/module_utils/_cluster_secret.py",
        'return _TOKEN.sub("...", named)',
        "return begun",
        column="leaked",
    ),
    Break(
        "hostile",
        "what oc names as a secret is repeated",
        "plugins/module_utils/_cluster_secret.py",
        r'_SCHEME.sub(r"\1...", _VALUE.sub(r"\1...", begun))',
        r'_SCHEME.sub(r"\1...", begun)',
    ),
    Break(
        "leaks",
        "what a host's file holds is logged",
        "plugins/plugin_utils/_certificate_entries.py",
        "context.no_log = context.no_log, True",
        "context.no_log = context.no_log, False",
        column="leaked",
    ),
    Break(
        "leaks",
        "the diff has the content, coded",
        "plugins/modules/pull_secret_merge.py",
        "        shown = _auth_file.difference(plan, dest)",
        "        shown = {'before': '', 'after': _auth_record.writes(dest, plan, Noted())[-1].content.hex()}",
        column="leaked",
    ),
    Break(
        "leaks",
        "the auth file is for everybody to read",
        "roles/mirror_host/defaults/main.yml",
        'mirror_host_auth_file_mode: "0600"',
        'mirror_host_auth_file_mode: "0644"',
        column="leaked",
    ),
    Break(
        "leaks",
        "a backup is for everybody to read",
        "plugins/module_utils/_host.py",
        "        os.rename(temporary, backup)",
        "        os.rename(temporary, backup)\n        os.chmod(backup, 0o644)",
        column="leaked",
    ),
    Break(
        "leaks",
        "what was merged is noted with its credentials",
        "plugins/module_utils/_auth_record.py",
        '        return hmac.new(salt, self.text(item), "sha256").hexdigest()',
        "        return self.text(item).hex()",
        column="leaked",
    ),
    Break(
        "leaks",
        "the host keeps a copy of the pull secret",
        "plugins/modules/pull_secret_merge.py",
        '    absent = module.params["state"] == "absent"\n',
        '    absent = module.params["state"] == "absent"\n'
        '    open("/tmp/pull-secret", "a").write(str(module.params["content"]))\n',
        column="leaked",
    ),
    Break(
        "leaks",
        "a decrypted file stays on the controller",
        "plugins/plugin_utils/_controller_files.py",
        "    content: bytes = action._loader._get_file_contents(path)[0]\n",
        "    content: bytes = action._loader._get_file_contents(path)[0]\n"
        "    import tempfile\n    open(tempfile.mkstemp()[1], 'wb').write(content)\n",
        column="leaked",
    ),
    Break(
        "leaks",
        "the result has a fact with passwords, to be cached",
        "plugins/action/pull_secret_merge.py",
        "        return {**result, **answer}",
        "        facts = {'given': json.dumps(options, default=str)}\n"
        "        return {**result, **answer, 'ansible_facts': facts, '_ansible_facts_cacheable': True}",
        column="leaked",
    ),
    Break(
        "leaks",
        "Ansible says to syslog what the module was called with",
        "plugins/action/pull_secret_merge.py",
        '"ansible_no_target_syslog": True',
        '"ansible_no_target_syslog": False',
        column="leaked",
    ),
    # faults
    Break(
        "faults",
        "what hangs is given more time than is said",
        "plugins/module_utils/_command.py",
        "str(KILL_AFTER_SECONDS), str(seconds), *argv]",
        "str(KILL_AFTER_SECONDS), str(25 * seconds), *argv]",
    ),
    Break(
        "faults",
        "anchors are not taken back",
        "plugins/modules/ca_trust.py",
        '        raise TrustStoreError(f"{exc}. {take_back(module, store, todo)}") from exc',
        '        raise TrustStoreError(f"{exc}. The anchors were put back as they were") from exc',
    ),
    Break(
        "faults",
        "what oc printed of the pull secret is quoted",
        "plugins/module_utils/_cluster_secret.py",
        "    return stdout\n",
        "    if not stdout.endswith(b'}\\n'):\n        raise ClusterSecretError(stdout.decode())\n    return stdout\n",
        column="leaked",
    ),
    Break(
        "faults",
        "runs do not wait for each other",
        "plugins/module_utils/_host.py",
        "fcntl.LOCK_EX | fcntl.LOCK_NB",
        "fcntl.LOCK_SH | fcntl.LOCK_NB",
    ),
    Break(
        "faults",
        "what could not be written stays behind",
        "plugins/module_utils/_host.py",
        "        if os.path.lexists(path):\n            os.remove(path)",
        "        pass",
    ),
    Break(
        "faults",
        "a message does not name the remedy",
        "plugins/module_utils/_host.py",
        "({exc.strerror}); make room, or mend the file system",
        "({exc.strerror})",
    ),
    # hostile
    Break(
        "hostile",
        "names are shown as they came",
        "plugins/module_utils/_words.py",
        "    if text.isprintable():",
        "    if text:",
    ),
    Break(
        "hostile",
        "files of any size are read",
        "plugins/module_utils/_files.py",
        "    if len(content) > LARGEST:",
        "    if not descriptor:",
    ),
    Break(
        "hostile",
        "what is no file is written over",
        "plugins/module_utils/_host.py",
        "    if not dest or (is_there(path) and not stat.S_ISREG(_mode(path))):",
        "    if not dest:",
    ),
    Break(
        "hostile",
        "links of other users are followed to files of root's",
        "plugins/module_utils/_files.py",
        "        for user in users - {0, os.geteuid(), facts.st_uid}:",
        "        for user in users - users:",
    ),
    Break(
        "hostile",
        "owners are given to what is there by name",
        "plugins/module_utils/_host.py",
        "            if finish:\n                finish(stream.fileno())\n            os.fsync(stream.fileno())\n",
        "            os.fsync(stream.fileno())\n"
        "        if finish:\n"
        # So that it is no matter of luck who is faster.
        "            end = time.monotonic() + 1\n"
        "            while not os.path.islink(path) and time.monotonic() < end:\n                pass\n"
        "            with open(path, 'rb') as again:\n                finish(again.fileno())\n",
    ),
    Break(
        "hostile",
        "redirects are followed to other servers",
        "plugins/module_utils/_registry_http.py",
        "            request = request._replace(target=_followed(peer, request, answer))",
        "            parts = urlsplit(answer.header('Location'))\n"
        "            peer = peer._replace(host=parts.hostname or peer.host, port=parts.port or peer.port)\n"
        "            request = request._replace(target=parts.path)",
    ),
    Break(
        "hostile",
        "answers of any length are read",
        "plugins/module_utils/_registry_http.py",
        "response.read(LONGEST_ANSWER + 1)",
        "response.read()",
    ),
    Break(
        "hostile",
        "names lead out of the folder of anchors",
        "plugins/module_utils/_trust_store.py",
        "    if given and not re.match(",
        "    if not given and not re.match(",
    ),
    Break(
        "hostile",
        "names are shown with their line breaks",
        "plugins/module_utils/_words.py",
        "    if text.isprintable():",
        '    if text.replace("\\n", "").isprintable():',
    ),
    Break(
        "hostile",
        "anchors of any size are read",
        "plugins/module_utils/_anchors.py",
        "path, content_of_regular(path), stat.S_IMODE",
        "path, open(path, 'rb').read(), stat.S_IMODE",
    ),
    Break(
        "hostile",
        "folders of anchors are gone round in",
        "plugins/module_utils/_anchors.py",
        "        if identity in visited:",
        "        if not parent:",
    ),
    Break(
        "hostile",
        "an answer may take any time",
        "plugins/module_utils/_registry_http.py",
        "            with within(self._network.seconds):\n                connection.request(",
        "            with within(3600):\n                connection.request(",
    ),
    Break(
        "hostile",
        "a handshake may take any time",
        "plugins/module_utils/_registry_handshake.py",
        "        with sock, within(seconds):",
        "        with sock, within(3600):",
    ),
    Break(
        "hostile",
        "what is compressed is expanded",
        "plugins/module_utils/_registry_http.py",
        "        return Answer(response.status, response.getheaders(), content, ",
        "        import gzip\n"
        "        content = gzip.decompress(content) if content[:2] == b'\\x1f\\x8b' else content\n"
        "        return Answer(response.status, response.getheaders(), content, ",
    ),
    Break(
        "hostile",
        "redirects are taken for answers",
        "plugins/module_utils/_registry_http.py",
        "            if answer.status not in _REDIRECTS:",
        "            if answer.status:",
    ),
    Break(
        "hostile",
        "what is no token is used as one",
        "plugins/module_utils/_registry_login.py",
        "not isinstance(token, str) or not _VISIBLE.match(token)",
        "not isinstance(token, str)",
    ),
    Break(
        "hostile",
        "the login is sent to a token server without TLS",
        "plugins/module_utils/_registry_login.py",
        '            raise RegistryError(finding("token-server-plain-http", ',
        "            import http.client\n"
        "            asked = http.client.HTTPConnection(realm.server.host, realm.server.port)\n"
        '            asked.request("GET", realm.path, headers={"Authorization": self._basic()})\n'
        '            raise RegistryError(finding("token-server-plain-http", ',
    ),
    Break(
        "hostile",
        "token servers need no TLS",
        "plugins/module_utils/_registry_login.py",
        '        if realm.scheme != "https":',
        "        if not realm.scheme:",
    ),
    Break(
        "hostile",
        "the login goes to where an upload is to be sent",
        "plugins/module_utils/_registry_login.py",
        'self._web.ask(origin_of(parts.geturl(), where), "GET", "/v2/")',
        'self._web.ask(origin_of(parts.geturl(), where), "GET", "/v2/", {"Authorization": self._authorization("")})',
    ),
)


def broken(checkout: pathlib.Path, folder: pathlib.Path, change: Break) -> None:
    """Lay a copy of the collection, with the change in it, where Ansible and Python find it below ``folder``."""
    copy = folder / "ansible_collections/airgap/openshift"
    for part in ("plugins", "roles", "playbooks", "meta", "tests/unit"):
        shutil.copytree(checkout / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(checkout / "galaxy.yml", copy)
    file = copy / change.path
    text = file.read_text(encoding="utf-8")
    if text.count(change.old) != 1:
        raise ValueError(f"{change.path} does not hold this once: {change.old}")
    file.write_text(text.replace(change.old, change.new), encoding="utf-8")
