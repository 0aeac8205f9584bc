"""A new kind costs the files in docs/adding-a-kind.md: a schema, a kind, a fixture and its name in KINDS.

The test adds it to a copy of the project and runs the tests of every kind there. For clients it is a safe change.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from api.contract import snapshots
from api.contract.diff.documents import differences

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.long
ADDED = {
    "schemas_prisoner_exchange.py": "schemas/prisoner_exchange.py",
    "api_kinds_prisoner_exchange.py": "api/kinds/prisoner_exchange.py",
    "prisoner-exchanges.ndjson": "fixtures/prisoner-exchanges.ndjson",
}
IMPORT = "from api.kinds.prisoner_exchange import PRISONER_EXCHANGE\n"
EXPORTED = (
    "test_ndjson_has_the_whole_list_in_its_order",
    "test_a_row_has_the_values_of_the_record",
    "test_each_column_has_a_tag_of_its_own",
)
LIST = "KINDS = (QUOTE, CEASEFIRE, RESOLUTION, CASUALTY_REPORT"


def test_a_new_kind_takes_four_files_and_passes_every_test(tmp_path):
    for folder in ("api", "schemas", "fixtures", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for source, place in ADDED.items():
        assert not (tmp_path / place).exists()
        shutil.copy(ROOT / "tests" / "support" / "new_kind" / source, tmp_path / place)
    kinds = tmp_path / "api" / "kinds" / "__init__.py"
    before = kinds.read_text()
    after = before.replace("\nKINDS", f"{IMPORT}\nKINDS").replace(LIST, f"{LIST}, PRISONER_EXCHANGE")
    assert after.count("PRISONER_EXCHANGE") == 2
    kinds.write_text(after)

    promises = ["tests/http/test_every_kind.py", "tests/contract/test_openapi_document.py", "tests/store/test_store.py"]
    promises += [f"tests/http/test_exports.py::{name}" for name in EXPORTED]
    promises += ["tests/http/test_jsonld.py::test_a_processor_drops_nothing_and_needs_no_network"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-k", "sqlite or not postgresql", *promises],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-3000:]

    look = (
        "import sys; from api.app import create_app; from api.settings import Settings; "
        "import schemas.prisoner_exchange; print(schemas.prisoner_exchange.__file__); "
        "sys.stdout.write(create_app(Settings(database_url='sqlite://')).extensions['openapi'].body.decode())"
    )
    seen = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    file, _, document = seen.stdout.partition("\n")
    assert file == str(tmp_path / "schemas" / "prisoner_exchange.py")

    changes = differences(orjson.loads(snapshots.document()), orjson.loads(document))
    assert "/paths/~1v1~1prisoner-exchanges" in {change.pointer for change in changes}
    assert [str(change) for change in changes if change.breaking] == []
