"""The packages that the checks of grounding need: a program without a server or a database can use them."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys

for package in ("flask", "flask_smorest", "werkzeug", "sqlalchemy"):
    sys.modules[package] = None  # Its import now raises ModuleNotFoundError.

import api.grounding

for module in pkgutil.walk_packages(api.grounding.__path__, "api.grounding."):
    importlib.import_module(module.name)
    print(module.name)
"""


def test_grounding_imports_neither_flask_nor_sqlalchemy():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60)
    assert run.returncode == 0, run.stderr
    assert {"api.grounding.checks", "api.grounding.locate", "api.grounding.date_ties"} <= set(run.stdout.split())
