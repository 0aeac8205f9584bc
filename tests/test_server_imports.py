"""The modules that a worker of the server does not load: the contract's tools, their HTTP client and the charts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOLS = ("diff", "mock", "conformance", "validator", "snapshots")
NOT_LOADED = (*(f"api.contract.{tool}" for tool in TOOLS), "httpx", "jsonschema_rs", "matplotlib")
PROGRAM = """
import sys, wsgi

responses = [wsgi.app.test_client().get(path) for path in ("/v1/claims", "/v1/openapi.json")]
print(*(response.status_code for response in responses))
print(*sys.modules)
"""


def test_a_worker_loads_neither_the_tools_of_the_contract_nor_the_plotting_library(tmp_path):
    url = f"sqlite:///{tmp_path / 'claims.db'}"
    environment = {**os.environ, "ONRECORD_DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    onrecord = [sys.executable, "-c", "from api.cli import main; main()", "db", "upgrade"]
    subprocess.run(onrecord, cwd=tmp_path, env=environment, capture_output=True, check=True)
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    statuses, modules = (line.split() for line in run.stdout.splitlines())
    assert statuses == ["200", "200"]
    assert "api.promise" in modules
    assert [name for name in modules if name.startswith(NOT_LOADED)] == []
