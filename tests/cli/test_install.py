"""The installation by `make`: the lock is complete, and an unusable Python or .venv is handled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import venv
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
# Each lock whose packages are installed here, with the extras of the project that it was compiled with.
INSTALLED = {"requirements.txt": {""}, "requirements-test.txt": {"", "test"}}
LOCKS = (*INSTALLED, "requirements-bench.txt")


def read_lock(name: str) -> dict[str, Requirement]:
    """Return the requirements of a lock file by their canonical names."""
    lines = (ROOT / name).read_text().splitlines()
    entries = [Requirement(line.rstrip(" \\")) for line in lines if line and not line.startswith((" ", "#"))]
    return {canonicalize_name(entry.name): entry for entry in entries}


def find_gaps(lock: dict[str, Requirement], project_extras: set[str]) -> list[str]:
    """Return the requirements of the locked packages and the project that the lock does not meet."""
    gaps = []
    for name in ("onrecord", *lock):
        try:
            requires = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            # The lock also has packages for other systems and other versions of Python.
            assert not applies(lock[name], {""}), name
            continue
        extras = project_extras if name == "onrecord" else {"", *lock[name].extras}
        for requirement in filter(lambda entry: applies(entry, extras), map(Requirement, requires)):
            entry = lock.get(canonicalize_name(requirement.name))
            if entry is None or not requirement.extras <= entry.extras:
                gaps.append(f"{name} requires {requirement}")
            elif not all(requirement.specifier.contains(pin.version) for pin in entry.specifier):
                gaps.append(f"{name} requires {requirement}, and {entry} is locked")
    return gaps


def applies(requirement: Requirement, extras: set[str]) -> bool:
    """Return whether a requirement applies here to a package that is installed with these extras."""
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)


@pytest.mark.parametrize("name", INSTALLED)
def test_the_lock_meets_every_requirement_with_its_extras(name):
    assert find_gaps(read_lock(name), INSTALLED[name]) == []


def test_the_benchmark_measures_the_locked_packages_and_has_its_own():
    served, benchmark = read_lock("requirements.txt"), read_lock("requirements-bench.txt")
    assert {name: entry.specifier for name, entry in served.items()}.items() <= {
        name: entry.specifier for name, entry in benchmark.items()
    }.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for requirement in map(Requirement, project["optional-dependencies"]["bench"]):
        entry = benchmark[canonicalize_name(requirement.name)]
        assert requirement.extras <= entry.extras
        assert all(requirement.specifier.contains(pin.version) for pin in entry.specifier)


def test_a_lock_without_an_extra_or_a_package_has_gaps():
    lock = read_lock("requirements.txt")
    lock["apispec"].extras.clear()
    del lock["mako"]
    assert [gap.split(" requires ")[0] for gap in find_gaps(lock, {""})] == ["alembic", "flask-smorest"]


@pytest.mark.parametrize("name", LOCKS)
def test_every_entry_of_the_lock_is_pinned(name):
    for entry in read_lock(name).values():
        assert [pin.operator for pin in entry.specifier] == ["=="]


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with the project's Makefile in another folder, as if no other make had started this process."""
    shutil.copy(ROOT / "Makefile", folder)
    for name in (*LOCKS, "pyproject.toml"):
        (folder / name).touch()
    env = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(["make", *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("goal", ["run", "test"])
def test_a_python_that_is_too_old_gets_one_line_and_no_venv(tmp_path, goal):
    old = tmp_path / "python3.10"
    patched = "import sys; sys.version_info = (3, 10, 13); exec(sys.argv[1])"
    old.write_text(f"""#!/bin/sh
[ "$1" = -c ] && exec {sys.executable} -c '{patched}' "$2"
exit 1
""")
    old.chmod(0o755)
    run = make(tmp_path, goal, f"PYTHON={old}")
    assert run.returncode == 2
    assert run.stderr.endswith(
        f"onrecord requires Python 3.11 or newer, and {old} is older or missing. Run: make {goal} PYTHON=python3.13."
        "  Stop.\n"
    )
    assert len((run.stdout + run.stderr).splitlines()) == 1
    assert not (tmp_path / ".venv").exists()


def test_a_python_that_is_missing_gets_one_line_and_no_venv(tmp_path):
    run = make(tmp_path, "run", "PYTHON=no-such-python")
    assert run.returncode == 2
    assert len((run.stdout + run.stderr).splitlines()) == 1
    assert "no-such-python is older or missing" in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_venv_that_could_not_be_made_whole_is_removed(tmp_path):
    halfway = tmp_path / "halfway"
    script = f"""#!/bin/sh
[ "$1" = -c ] && exec {sys.executable} "$@"
mkdir -p .venv/bin
touch .venv/bin/python
exit 1
"""
    halfway.write_text(script)
    halfway.chmod(0o755)
    assert make(tmp_path, "run", f"PYTHON={halfway}").returncode == 2
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("fault", ["no python", "no pip", "moved"])
def test_a_broken_venv_is_removed_and_a_sound_one_is_kept(tmp_path, fault):
    folder = tmp_path / "before"
    venv.create(folder / ".venv", with_pip=False, symlinks=True)
    (folder / ".venv" / "run").touch()
    packages = next((folder / ".venv").glob("lib/python*/site-packages"))
    (packages / "pip.py").touch()
    make(folder, "help")
    assert (folder / ".venv" / "run").exists()

    if fault == "no python":
        (folder / ".venv" / "bin" / "python").unlink()
    elif fault == "no pip":
        (packages / "pip.py").unlink()
    else:
        folder = folder.rename(tmp_path / "after")
    assert "Removing .venv, which cannot be used." in make(folder, "help").stdout
    assert not (folder / ".venv").exists()
