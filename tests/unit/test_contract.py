# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What every file of the collection keeps to; a new module, role or playbook is looked at without being listed here."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PLUGINS = ROOT / "plugins"
NAME = "airgap.openshift"
PACKAGE = f"ansible_collections.{NAME}.plugins"
HEADER = """\
# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""
PRIVATE = "\n# Private to this collection: it may change in any release.\n"
ATTRIBUTES = f"{NAME}._attributes"
CODE_LINES_OF_A_MODULE = 80
CODE_LINES_OF_A_FUNCTION = 25
# The one file of module_utils that knows AnsibleModule.
KNOW_ANSIBLE = {
    PLUGINS / f"{name}.py"
    for name in (
        "module_utils/_host",
        "plugin_utils/_certificate_entries",
        "plugin_utils/_controller_files",
        "plugin_utils/_entries",
        "plugin_utils/_pipelining",
    )
}

MODULES = sorted((PLUGINS / "modules").glob("*.py"))
ACTIONS = sorted((PLUGINS / "action").glob("*.py"))
CORE = sorted({*PLUGINS.glob("module_utils/*.py"), *PLUGINS.glob("plugin_utils/*.py")} - KNOW_ANSIBLE)
# ansible-test has whole environments below tests/output.
TESTS = "tests/[!o]*"
PYTHON = sorted([*PLUGINS.rglob("*.py"), *ROOT.glob(f"{TESTS}/**/*.py"), *ROOT.glob(".ci/*.py"), ROOT / "noxfile.py"])
YAML = sorted(path for folder in ("roles", "playbooks", "meta", TESTS) for path in ROOT.glob(f"{folder}/**/*.yml"))
ROLES = sorted(ROOT.glob("roles/*"))
PLAYBOOKS = sorted(ROOT.glob("playbooks/*.yml"))


def each(paths: list[Path]) -> pytest.MarkDecorator:
    """Run a test for each of the paths."""
    return pytest.mark.parametrize("path", paths, ids=lambda path: str(path.relative_to(ROOT)))


def imports(path: Path) -> Iterator[str]:
    """Dotted names of everything that a file imports, at any depth."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def code_lines(path: Path) -> set[int]:
    """Numbers of the lines that hold code: no comment, no docstring, no documentation."""
    source = path.read_text(encoding="utf-8")
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {line for token in tokens if token.type not in silent for line in range(token.start[0], token.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and is_text(node):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return lines


def is_text(node: ast.stmt) -> bool:
    """A string that stands alone (a docstring) or becomes DOCUMENTATION, EXAMPLES or RETURN."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        documented = node.targets[0].id in ("DOCUMENTATION", "EXAMPLES", "RETURN")
        return documented and isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def documentation(path: Path) -> Any:
    """DOCUMENTATION of a module, without its fragments."""
    return yaml.safe_load(importlib.import_module(f"{PACKAGE}.modules.{path.stem}").DOCUMENTATION)


def specs(role: Path) -> dict[str, Any]:
    """The options of all entry points of a role by name."""
    entry_points = load(role / "meta/argument_specs.yml")["argument_specs"].values()
    return {name: spec for entry_point in entry_points for name, spec in entry_point.get("options", {}).items()}


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def tasks(block: Any) -> Iterator[dict[str, Any]]:
    """All tasks in a play, a list of plays or a list of tasks, at any depth of block."""
    for item in block or []:
        inner = [
            item[key]
            for key in ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always")
            if key in item
        ]
        for tasks_inside in inner:
            yield from tasks(tasks_inside)
        if not inner and "hosts" not in item:
            yield item


def test_there_is_something_to_look_at() -> None:
    assert MODULES
    assert len(CORE) > 1


@each(PYTHON)
def test_python_files_begin_with_the_header(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not source or re.sub(r"\A#!.*\n", "", source).startswith(HEADER)


@each(YAML)
def test_yaml_files_begin_with_the_header(path: Path) -> None:
    assert path.read_text(encoding="utf-8").removeprefix("---\n").startswith(HEADER)


@each([path for path in PYTHON if path.is_relative_to(PLUGINS) and path.name.startswith("_")])
def test_private_files_say_so(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith(HEADER + PRIVATE)


@each([path for path in PYTHON if path.is_relative_to(PLUGINS)])
def test_files_say_what_they_know(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = [
        name.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for name in node.targets
        if isinstance(name, ast.Name)
    ]
    assert ast.get_docstring(tree) or "DOCUMENTATION" in texts


@each(
    sorted(
        path for folder in ("module_utils", "plugin_utils", "doc_fragments") for path in PLUGINS.glob(f"{folder}/*.py")
    )
)
def test_only_modules_and_their_actions_are_public(path: Path) -> None:
    assert path.name.startswith("_")


def test_plugins_are_namespace_packages() -> None:
    assert list(PLUGINS.rglob("__init__.py")) == []


@each(CORE)
def test_the_core_does_not_know_ansible(path: Path) -> None:
    assert [name for name in imports(path) if name.split(".")[0] == "ansible"] == []
    assert not {path.stem for path in KNOW_ANSIBLE} & {part for name in imports(path) for part in name.split(".")}


@each([*MODULES, *sorted(PLUGINS.glob("module_utils/*.py"))])
def test_what_travels_to_the_host_stays_with_module_utils(path: Path) -> None:
    own = [name for name in imports(path) if name.startswith(("ansible_collections.", "."))]
    assert [name for name in own if not name.startswith(f"{PACKAGE}.module_utils.")] == []


@each(MODULES)
def test_modules_are_thin(path: Path) -> None:
    assert len(code_lines(path)) <= CODE_LINES_OF_A_MODULE


@each([path for path in PYTHON if path.is_relative_to(PLUGINS)])
def test_functions_are_short(path: Path) -> None:
    lines = code_lines(path)
    functions = [
        node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    ]
    sizes = {node.name: len(lines & set(range(node.lineno, (node.end_lineno or 0) + 1))) for node in functions}
    assert {name: size for name, size in sizes.items() if size > CODE_LINES_OF_A_FUNCTION} == {}


def test_modules_and_actions_come_in_pairs() -> None:
    assert [path.name for path in MODULES] == [path.name for path in ACTIONS]


@each(MODULES)
def test_modules_document_their_attributes(path: Path) -> None:
    assert ATTRIBUTES in documentation(path)["extends_documentation_fragment"]


@each(MODULES)
def test_modules_support_check_mode(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    created = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "AnsibleModule"]
    given = [{word.arg: word.value for word in call.keywords} for call in created]
    # Without code, all of it is in the action plugin.
    assert [ast.literal_eval(words["supports_check_mode"]) for words in given] == [True] * bool(code_lines(path))


@each([path for path in CORE if re.search(r"^ *def ", path.read_text(encoding="utf-8"), re.M)])
def test_the_core_has_unit_tests(path: Path) -> None:
    tests = (ROOT / "tests/unit" / path.parent.relative_to(ROOT)).glob("test_*.py")
    assert any(path.stem in name.split(".") for test in tests for name in imports(test))


@each(ROLES)
def test_role_variables_begin_with_the_name_of_the_role(path: Path) -> None:
    names = [*load(path / "defaults/main.yml"), *specs(path)]
    assert [name for name in names if not re.match(rf"(__)?{path.name}_", name)] == []


@each(ROLES)
def test_role_defaults_are_those_of_the_specs(path: Path) -> None:
    specified = {name: spec.get("default") for name, spec in specs(path).items()}
    defaults = load(path / "defaults/main.yml")
    assert {name: value for name, value in defaults.items() if not name.startswith("__")} == specified


@each(ROLES)
def test_roles_have_a_readme_made_from_their_specs(path: Path) -> None:
    spec = importlib.util.spec_from_file_location("role_readme", ROOT / ".ci/role_readme.py")
    assert spec
    assert spec.loader
    role_readme = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(role_readme)
    assert (path / "README.md").read_text(encoding="utf-8") == role_readme.readme(path), "run make docs"


@each(PLAYBOOKS)
def test_playbooks_only_apply_a_role(path: Path) -> None:
    plays = load(path)
    assert plays
    for task in tasks(plays):
        role = task.get("ansible.builtin.include_role") or task.get("ansible.builtin.import_role")
        assert role, f"{task} is not a role"
        assert role["name"].removeprefix(f"{NAME}.") in {role.name for role in ROLES}


def test_prepare_is_there() -> None:
    assert "prepare.yml" in {path.name for path in PLAYBOOKS}


def readme_examples() -> list[str]:
    readme = ROOT / "README.md"
    return (
        re.findall(r"^```yaml\n(.*?)^```", readme.read_text(encoding="utf-8"), re.M | re.S) if readme.exists() else []
    )


def test_the_readme_begins_with_an_example() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert "```yaml" in lines[:25]


@pytest.mark.parametrize("example", readme_examples(), ids=lambda text: text.strip().splitlines()[0][:40])
def test_readme_examples_name_what_exists(example: str) -> None:
    options = {f"{NAME}.{path.stem}": set(documentation(path)["options"]) for path in MODULES}
    variables = {name for role in ROLES for name in specs(role)}
    text = yaml.safe_load(example)
    for task in tasks(text) if isinstance(text, list) else ():
        for word, given in task.items():
            assert not word.startswith(f"{NAME}.") or set(given) <= options[word]
    named = set(re.findall(r"\b(?:" + "|".join(role.name for role in ROLES) + r")_\w+", example)) if ROLES else set()
    assert named <= variables
    known = {*options, *(f"{NAME}.{path.name}" for path in ROLES), *(f"{NAME}.{path.stem}" for path in PLAYBOOKS)}
    assert set(re.findall(rf"\b{re.escape(NAME)}\.\w+", example)) <= known
