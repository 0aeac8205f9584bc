"""A fifth kind costs what CONTRIBUTING says: a schema, a kind, a fixture and its name in KINDS.

It is added to a copy of the project, as somebody would add it, and the promises that every kind keeps are run there.
To those who call the API it is a safe change.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from api.contract import frozen
from api.contract.differ.documents import differences

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent
ADDED = {
    "schemas_prisoner_exchange.py": "schemas/prisoner_exchange.py",
    "api_kinds_prisoner_exchange.py": "api/kinds/prisoner_exchange.py",
    "prisoner-exchanges.ndjson": "fixtures/prisoner-exchanges.ndjson",
}
IMPORT = "from api.kinds.prisoner_exchange import PRISONER_EXCHANGE\n"
EXPORTED = (
    "test_lines_are_the_whole_list_in_its_order",
    "test_a_row_has_what_the_record_says",
    "test_each_column_has_a_tag_of_its_own",
)
LIST = "KINDS = (QUOTE, CEASEFIRE, RESOLUTION, CASUALTY_REPORT"


def test_a_fifth_kind_takes_four_places_and_keeps_every_promise(tmp_path):
    for folder in ("api", "schemas", "fixtures", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for source, place in ADDED.items():
        assert not (tmp_path / place).exists()
        shutil.copy(ROOT / "tests" / "fifth_kind" / source, tmp_path / place)
    kinds = tmp_path / "api" / "kinds" / "__init__.py"
    before = kinds.read_text()
    after = before.replace("\nKINDS", f"{IMPORT}\nKINDS").replace(LIST, f"{LIST}, PRISONER_EXCHANGE")
    assert after.count("PRISONER_EXCHANGE") == 2
    kinds.write_text(after)

    promises = ["tests/test_promises.py", "tests/test_document.py", "tests/test_store.py"]
    promises += [f"tests/test_exports.py::{name}" for name in EXPORTED]
    promises += ["tests/test_jsonld.py::test_a_processor_drops_nothing_of_it_and_asks_nobody"]
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
        "import sys; from api import create_app; from api.settings import Settings; import schemas.prisoner_exchange; "
        "print(schemas.prisoner_exchange.__file__); "
        "sys.stdout.write(create_app(Settings(database_url='sqlite://')).extensions['openapi'].body.decode())"
    )
    seen = subprocess.run(
        [sys.executable, "-c", look], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    file, _, document = seen.stdout.partition("\n")
    assert file == str(tmp_path / "schemas" / "prisoner_exchange.py")

    changes = differences(orjson.loads(frozen.document()), orjson.loads(document))
    assert "/paths/~1v1~1prisoner-exchanges" in {change.pointer for change in changes}
    assert [str(change) for change in changes if change.breaking] == []
