"""Imports without cycles, class names without a second meaning, and the modules that a process does not load."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOOLS = ("diff", "mock", "conformance", "validator", "snapshots")
NOT_LOADED = (*(f"api.contract.{tool}" for tool in TOOLS), "httpx", "jsonschema_rs", "matplotlib")
GROUNDING = """
import importlib, pkgutil, sys

for package in ("flask", "flask_smorest", "werkzeug", "sqlalchemy"):
    sys.modules[package] = None  # Its import now raises ModuleNotFoundError.

import api.grounding

for module in pkgutil.walk_packages(api.grounding.__path__, "api.grounding."):
    importlib.import_module(module.name)
    print(module.name)
"""
WORKER = """
import sys, wsgi

responses = [wsgi.app.test_client().get(path) for path in ("/v1/claims", "/v1/openapi.json")]
print(*(response.status_code for response in responses))
print(*sys.modules)
"""
COMMAND = "from api.cli import main; main()"


def parse_modules(root: Path) -> dict[str, ast.Module]:
    """Return the syntax trees of `api` and `schemas`, by module name."""
    files = [file for package in ("api", "schemas") for file in (root / package).rglob("*.py")]
    names = {file: ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__") for file in files}
    return {name: ast.parse(file.read_text()) for file, name in names.items()}


def find_cycle(modules: Mapping[str, ast.Module]) -> list[str]:
    """Return the modules of one import cycle, or an empty list.

    All imports count: at the top of a module, under `TYPE_CHECKING` and in functions.
    """
    graph = {name: set(_imports(tree, modules)) - {name} for name, tree in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _imports(tree: ast.Module, modules: Mapping[str, ast.Module]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield from [name for name in (submodule, node.module) if name in modules][:1]


def find_repeated_classes(modules: Mapping[str, ast.Module]) -> list[str]:
    """Return the class names that a package tree has several times, with their modules.

    The package trees are `schemas` and each package directly below `api`. A class inside another one does not count.
    """
    places = defaultdict(list)
    for name, tree in modules.items():
        package = ".".join(name.split(".")[: 2 if name.startswith("api.") else 1])
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                places[package, node.name].append(name)
    return [f"{name} in {', '.join(where)}" for (_, name), where in places.items() if len(where) > 1]


def test_no_import_is_part_of_a_cycle():
    assert find_cycle(parse_modules(ROOT)) == []


def test_no_package_tree_has_two_classes_of_one_name():
    assert find_repeated_classes(parse_modules(ROOT)) == []


@pytest.mark.parametrize(
    "source",
    [
        "import api.store.read",
        "from api.store import read",
        "from api.store.read import read_page",
        "import typing\nif typing.TYPE_CHECKING:\n    from api.store.read import Reader",
        "def load():\n    from api.store import read",
    ],
)
def test_a_cycle_is_found_by_any_form_of_import(source):
    modules = {"api.store": "", "api.store.read": "from api.kinds import search", "api.kinds.search": source}
    trees = {name: ast.parse(text) for name, text in modules.items()}
    assert set(find_cycle(trees)) == {"api.store.read", "api.kinds.search"}


def test_repeated_classes_are_found_in_one_package_tree_only():
    modules = {"api.v1.a": "class Page: ...", "api.v1.b.c": "class Page: ...", "api.http.a": "class Page: ..."}
    trees = {name: ast.parse(text) for name, text in modules.items()}
    assert find_repeated_classes(trees) == ["Page in api.v1.a, api.v1.b.c"]


def run_program(program: str, *arguments: str, cwd: Path) -> list[list[str]]:
    """Run a Python program, and return the words of each line that it prints."""
    url = f"sqlite:///{cwd / 'claims.db'}"
    environment = {**os.environ, "ONRECORD_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program, *arguments]
    run = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    return [line.split() for line in run.stdout.splitlines()]


def test_grounding_imports_neither_flask_nor_sqlalchemy(tmp_path):
    modules = {name for line in run_program(GROUNDING, cwd=tmp_path) for name in line}
    assert {"api.grounding.checks", "api.grounding.locate", "api.grounding.date_ties"} <= modules


def test_a_worker_loads_neither_the_tools_of_the_contract_nor_the_plotting_library(tmp_path):
    run_program(COMMAND, "db", "upgrade", cwd=tmp_path)
    statuses, modules = run_program(WORKER, cwd=tmp_path)
    assert statuses == ["200", "200"]
    assert "api.promise" in modules
    assert [name for name in modules if name.startswith(NOT_LOADED)] == []


def test_a_command_loads_only_its_own_module(tmp_path):
    program = f"import atexit, sys; atexit.register(lambda: print(*sys.modules)); {COMMAND}"
    modules = run_program(program, "db", "upgrade", cwd=tmp_path)[-1]
    assert {name for name in modules if name.startswith("api.cli.")} == {
        "api.cli.db",
        "api.cli.context",
        "api.cli.imports",
    }
    assert not {"api.app", "api.cli.db"} & set(run_program(program, "--version", cwd=tmp_path)[-1])
