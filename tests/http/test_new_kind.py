"""A new kind costs the files in docs/adding-a-kind.md, its name in KINDS and the written contract.

The test adds a kind with a new column to a copy of the project, and runs the tests of every kind there.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.support.live_server import environment

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.long
ADDED = {
    "schemas_prisoner_exchange.py": "schemas/prisoner_exchange.py",
    "api_kinds_prisoner_exchange.py": "api/kinds/prisoner_exchange.py",
    "prisoner-exchanges.ndjson": "fixtures/prisoner-exchanges.ndjson",
    "migration_prisoner_exchange.py": "api/store/migrations/versions/v1_2_prisoner_exchanges.py",
}
IMPORT = "from api.kinds.prisoner_exchange import PRISONER_EXCHANGE\n"
LIST = "KINDS = (QUOTE, CEASEFIRE, RESOLUTION, CASUALTY_REPORT"
PROMISES = (
    "tests/http/test_every_kind.py",
    "tests/contract/test_openapi_document.py",
    "tests/store/test_store.py",
    "tests/http/test_exports.py::test_ndjson_has_the_whole_list_in_its_order",
    "tests/http/test_exports.py::test_a_row_has_the_values_of_the_record",
    "tests/http/test_exports.py::test_each_column_has_a_tag_of_its_own",
    "tests/http/test_jsonld.py::test_a_processor_drops_nothing_and_needs_no_network",
)
ONRECORD = ("-c", "from api.cli import main; main()")
GET = (
    "-c",
    "import sys; from api.app import create_app; print(create_app().test_client().get(sys.argv[1]).text)",
)


def python(project, *arguments):
    """Run Python with the modules of a project and a database next to it. Return the output."""
    env = environment(database_url=f"sqlite:///{project.parent}/claims.db") | {"PYTHONPATH": str(project)}
    command = [sys.executable, *arguments]
    run = subprocess.run(command, cwd=project, env=env, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    return run.stdout


def copied(project):
    """Copy the project to a folder that nothing else uses."""
    for folder in ("api", "schemas", "fixtures", "tests"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", project)
    return project


def add_kind(project):
    """Add the kind to a copy of the project."""
    for source, place in ADDED.items():
        assert not (project / place).exists()
        shutil.copy(ROOT / "tests" / "support" / "new_kind" / source, project / place)
    kinds = project / "api" / "kinds" / "__init__.py"
    after = kinds.read_text().replace("\nKINDS", f"{IMPORT}\nKINDS").replace(LIST, f"{LIST}, PRISONER_EXCHANGE")
    assert after.count("PRISONER_EXCHANGE") == 2
    kinds.write_text(after)


def test_a_new_kind_takes_its_files_and_passes_every_test(tmp_path):
    project = copied(tmp_path / "project")
    python(project, *ONRECORD, "db", "upgrade")
    python(project, *ONRECORD, "db", "seed")
    before = orjson.loads(python(project, *GET, "/v1/claims?limit=200"))["data"]
    assert len(before) == 25

    add_kind(project)
    written = python(project, *ONRECORD, "contract", "write")
    assert f"Written: {project}/schemas/contract/v1/openapi.json" in written
    assert "keeps to the contract" in python(project, *ONRECORD, "contract", "check")
    contract = project / "schemas" / "contract" / "v1" / "openapi.json"
    current = ROOT / "schemas" / "contract" / "v1" / "openapi.json"
    changes = python(project, *ONRECORD, "contract", "diff", str(current), str(contract))
    assert "/paths/~1v1~1prisoner-exchanges" in changes
    assert "0 breaking" in changes
    assert "A minor version is required." in changes
    python(project, "-m", "pytest", "-q", "-k", "sqlite or not postgresql", *PROMISES)

    # The database has the tables of the project without the kind.
    python(project, *ONRECORD, "db", "upgrade")
    assert orjson.loads(python(project, *GET, "/v1/claims?limit=200"))["data"] == before
    python(project, *ONRECORD, "import", "fixtures/prisoner-exchanges.ndjson")
    filtered = "/v1/prisoner-exchanges?status=held&released_on=2020-10&count[gte]=84"
    (exchange,) = orjson.loads(python(project, *GET, filtered))["data"]
    outcomes = {check["check"]: check["outcome"] for check in exchange["grounding"]["checks"]}
    assert (exchange["inferred"], outcomes["cue"], outcomes["number"], outcomes["date"]) == ([], *["passed"] * 3)
    assert exchange["on_record"]["basis"] == "published_on"
