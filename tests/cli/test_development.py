"""The make targets, hooks and workflows that developers use."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
MAKEFILE = (ROOT / "Makefile").read_text()
MARKERS = ("postgresql", "slow", "long", "external")


def is_selected(target: str, markers: dict[str, bool]) -> bool:
    """Return whether a target of the Makefile runs a test with these markers."""
    (expression,) = re.findall(rf'^{target}:.*\n\t.* -m "(.*)"$', MAKEFILE, re.MULTILINE)
    return eval(expression, {}, markers)


def read_yaml(name: str):
    """Return a YAML file. The key `on` of a workflow is read as True."""
    return yaml.safe_load((ROOT / name).read_text())


@pytest.mark.parametrize("flags", list(product([False, True], repeat=len(MARKERS))))
def test_each_test_runs_once_in_test_and_test_all_and_never_only_in_quick(flags):
    markers = dict(zip(MARKERS, flags, strict=True))
    quick, test, rest = (is_selected(name, markers) for name in ("quick", "test", "test-all"))
    assert test is not rest
    assert quick is not any(flags)
    assert test or not quick
    assert rest is (markers["long"] or markers["external"])


def test_ci_runs_the_checks_and_each_test_once():
    # `test-all` requires `test`, and one call of make runs a target once.
    assert re.search(r"^test-all: test ", MAKEFILE, re.MULTILINE)
    assert re.findall(r"^make .*$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE) == ["make check test test-all"]


def test_the_workflow_runs_ci_on_the_oldest_python_and_quick_on_the_others():
    jobs = read_yaml(".github/workflows/ci.yml")["jobs"]
    versions = {}
    for job in jobs.values():
        (python,) = [
            step["with"]["python-version"] for step in job["steps"] if "python-version" in step.get("with", {})
        ]
        for version in job.get("strategy", {"matrix": {"python": [python]}})["matrix"]["python"]:
            versions[version] = job["steps"][-1]["run"]
    assert versions == {"3.11": ".ci/run", "3.12": "make quick", "3.13": "make quick", "3.14": "make quick"}
    oldest = re.search(r'^requires-python = ">=(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert oldest[1] == "3.11"


def test_every_hook_is_a_tool_of_the_venv():
    config = read_yaml(".pre-commit-config.yaml")
    assert [repository["repo"] for repository in config["repos"]] == ["local"]
    for hook in config["repos"][0]["hooks"]:
        assert hook["language"] == "system"
        program, *arguments = hook["entry"].split()
        assert (ROOT / program).exists(), program
        for argument in arguments:
            assert "/" not in argument or (ROOT / argument).exists(), argument


def test_every_target_has_a_help_text():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    helped = re.findall(r"^([a-z-]+):.*## [A-Z].*\.$", MAKEFILE, re.MULTILINE)
    assert helped == phony.split()


@pytest.mark.parametrize("name", ["bug", "feature", "wrong-verdict"])
def test_an_issue_form_is_valid(name):
    form = read_yaml(f".github/ISSUE_TEMPLATE/{name}.yml")
    assert {"name", "description", "body"} <= form.keys()
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    assert all(part["attributes"].get("label") for part in form["body"] if part["type"] != "markdown")
