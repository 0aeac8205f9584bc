"""Spectral's rules for OpenAPI and for OWASP's API risks pass for the document."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.support.openapi import BYTES, DOCUMENT

HOME = Path(__file__).parent / "spectral"
INSTALLED = HOME / "node_modules"

pytestmark = [
    pytest.mark.external,
    pytest.mark.skipif(shutil.which("npm") is None, reason="no npm: apt-get install nodejs npm"),
]


@pytest.fixture(scope="module")
def spectral():
    """Install the locked version of Spectral, if the lock has changed."""
    locked = hashlib.sha256((HOME / "package-lock.json").read_bytes()).hexdigest()
    stamp = INSTALLED / locked
    with (HOME / "package.json").open() as one_at_a_time:
        fcntl.flock(one_at_a_time, fcntl.LOCK_EX)
        if not stamp.exists():
            command = (
                "npm",
                "ci",
                "--omit=optional",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--prefer-offline",
            )
            subprocess.run(command, cwd=HOME, check=True, capture_output=True)
            stamp.touch()
    return INSTALLED / ".bin" / "spectral"


def lint(spectral, folder, document):
    """Return the exit code of Spectral and the places of each violated rule."""
    file = folder / "document.json"
    file.write_bytes(document)
    command = (spectral, "lint", file.name, "--ruleset", HOME / "ruleset.yaml", "--format", "json", "--quiet")
    # SCARF_ANALYTICS keeps a dependency of Spectral from sending statistics.
    environment = {**os.environ, "SCARF_ANALYTICS": "false"}
    run = subprocess.run(
        (*command, "--fail-severity", "hint"), cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert run.returncode in (0, 1), run.stderr
    places = {}
    for item in orjson.loads(run.stdout):
        places.setdefault(item["code"], []).append("/".join(map(str, item["path"])))
    return run.returncode, places


def test_the_document_violates_no_rule(spectral, tmp_path):
    assert lint(spectral, tmp_path, BYTES) == (0, {})


def removed(part, *names):
    """Return a defect that removes keys from a part of the document."""

    def plant(document):
        for step in part:
            document = document[step]
        for name in names:
            del document[name]

    return plant


IMPORTS = ("paths", "/v1/imports", "post")
STRING, REPORT = ("components", "schemas", "Problem", "properties", "detail"), ("components", "schemas", "ImportReport")
# Each defect with the rule that it violates and the place that Spectral reports.
DEFECTS = {
    "an operation without an id": (removed(IMPORTS, "operationId"), "operation-operationId", IMPORTS),
    "an operation without a description": (removed(IMPORTS, "description"), "operation-description", IMPORTS),
    "a string without a maximum length": (removed(STRING, "maxLength"), "owasp:api4:2023-string-limit", STRING),
    "a string without a pattern": (removed(STRING, "pattern"), "owasp:api4:2023-string-restricted", STRING),
    "an array without a maximum size": (
        removed((*REPORT, "properties", "errors"), "maxItems"),
        "owasp:api4:2023-array-limit",
        (*REPORT, "properties", "errors"),
    ),
    "an invalid example": (
        lambda document: document["components"]["schemas"]["ImportReport"]["required"].append("nothing"),
        "oas3-valid-media-example",
        (*IMPORTS, "responses", "200", "content", "application/json", "example"),
    ),
    "an unknown scope": (
        lambda document: document["paths"]["/v1/imports"]["post"].update(security=[{"key": ["everything"]}]),
        "the-key-and-its-scopes",
        (*IMPORTS, "security", "0", "key", "0"),
    ),
    "an operation without 500": (
        removed((*IMPORTS, "responses"), "500"),
        "owasp:api8:2023-define-error-responses-500",
        (*IMPORTS, "responses"),
    ),
    "an operation without 429": (
        removed((*IMPORTS, "responses"), "429"),
        "owasp:api4:2023-rate-limit-responses-429",
        (*IMPORTS, "responses"),
    ),
}


def test_spectral_finds_each_planted_defect(spectral, tmp_path):
    # One operation is enough and faster.
    document = orjson.loads(orjson.dumps({**DOCUMENT, "paths": {"/v1/imports": DOCUMENT["paths"]["/v1/imports"]}}))
    for plant, _, _ in DEFECTS.values():
        plant(document)
    code, places = lint(spectral, tmp_path, orjson.dumps(document))
    assert code == 1
    missed = [name for name, (_, rule, place) in DEFECTS.items() if "/".join(place) not in places.get(rule, ())]
    assert not missed, places


def test_the_lock_names_no_registry():
    assert '"resolved"' not in (HOME / "package-lock.json").read_text()
