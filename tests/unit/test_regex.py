"""Patterns that are compiled when they are first used."""

from __future__ import annotations

import ast
import re
import subprocess
import sys

import pytest

from api.grounding.regex import regex
from tests.unit.test_structure import ROOT, parse_modules

# The modules with hundreds of patterns.
LAZY = re.compile(r"api\.grounding\.(?!regex$)|api\.kinds\.\w+_(?:cues|lexicons|deeds)")
COMPILE_ALL = """
import gc, importlib, pkgutil, re
import api.grounding, api.kinds
from api.grounding.regex import Regex

for module in pkgutil.walk_packages(api.grounding.__path__, "api.grounding."):
    importlib.import_module(module.name)
print(len([re.compile(item.pattern, item.flags) for item in gc.get_objects() if type(item) is Regex]))
"""


def test_a_pattern_is_compiled_when_it_is_first_used():
    pattern = regex("(")

    with pytest.raises(re.error):
        pattern.search("killed")


def test_a_pattern_has_its_flags():
    assert regex("killed", re.IGNORECASE).fullmatch("KILLED")


def test_all_patterns_compile():
    result = subprocess.run([sys.executable, "-c", COMPILE_ALL], capture_output=True, text=True, check=True, cwd=ROOT)

    assert int(result.stdout) > 300


def test_modules_of_patterns_compile_none_when_they_are_imported():
    modules = {name: tree for name, tree in parse_modules(ROOT).items() if LAZY.match(name)}

    eager = [
        f"{name}:{node.lineno}"
        for name, tree in modules.items()
        for statement in tree.body
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef)
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "re.compile"
    ]

    assert eager == []
