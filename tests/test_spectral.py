"""The OpenAPI document under Spectral's rules for OpenAPI and for OWASP's list of API risks: nothing is found."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from tests.documented import BYTES, DOCUMENT

HOME = Path(__file__).parent / "spectral"
INSTALLED = HOME / "node_modules"

pytestmark = [
    pytest.mark.external,
    pytest.mark.skipif(shutil.which("npm") is None, reason="no npm: apt-get install nodejs npm"),
]


@pytest.fixture(scope="module")
def spectral():
    """The program, of the locked version; installed once, and again when the lock changes."""
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


def found(spectral, folder, document):
    """What Spectral finds in a document: its exit code, and the rules that are broken, each with the places where."""
    file = folder / "document.json"
    file.write_bytes(document)
    command = (spectral, "lint", file.name, "--ruleset", HOME / "ruleset.yaml", "--format", "json", "--quiet")
    # Spectral asks nobody for anything; SCARF_ANALYTICS keeps a library that it brings along from trying to.
    environment = {**os.environ, "SCARF_ANALYTICS": "false"}
    answer = subprocess.run(
        (*command, "--fail-severity", "hint"), cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    assert answer.returncode in (0, 1), answer.stderr
    places = {}
    for each in orjson.loads(answer.stdout):
        places.setdefault(each["code"], []).append("/".join(map(str, each["path"])))
    return answer.returncode, places


def test_spectral_finds_nothing_in_the_document(spectral, tmp_path):
    assert found(spectral, tmp_path, BYTES) == (0, {})


def removed(part, *names):
    """A defect: what is planted by leaving something out."""

    def plant(document):
        for step in part:
            document = document[step]
        for name in names:
            del document[name]

    return plant


IMPORTS = ("paths", "/v1/imports", "post")
STRING, REPORT = ("components", "schemas", "Problem", "properties", "detail"), ("components", "schemas", "ImportReport")
# Each defect, with the rule that it breaks and where Spectral says so.
DEFECTS = {
    "an operation without an id": (removed(IMPORTS, "operationId"), "operation-operationId", IMPORTS),
    "an operation without a word on it": (removed(IMPORTS, "description"), "operation-description", IMPORTS),
    "a text without an end": (removed(STRING, "maxLength"), "owasp:api4:2023-string-limit", STRING),
    "a text of anything": (removed(STRING, "pattern"), "owasp:api4:2023-string-restricted", STRING),
    "a list without an end": (
        removed((*REPORT, "properties", "errors"), "maxItems"),
        "owasp:api4:2023-array-limit",
        (*REPORT, "properties", "errors"),
    ),
    "an example that is none": (
        lambda document: document["components"]["schemas"]["ImportReport"]["required"].append("nothing"),
        "oas3-valid-media-example",
        (*IMPORTS, "responses", "200", "content", "application/json", "example"),
    ),
    "a scope that there is not": (
        lambda document: document["paths"]["/v1/imports"]["post"].update(security=[{"key": ["everything"]}]),
        "the-key-and-its-scopes",
        (*IMPORTS, "security", "0", "key", "0"),
    ),
    "no word on failures of ours": (
        removed((*IMPORTS, "responses"), "500"),
        "owasp:api8:2023-define-error-responses-500",
        (*IMPORTS, "responses"),
    ),
    "no word on limits": (
        removed((*IMPORTS, "responses"), "429"),
        "owasp:api4:2023-rate-limit-responses-429",
        (*IMPORTS, "responses"),
    ),
}


def test_spectral_finds_each_defect_that_is_planted(spectral, tmp_path):
    # One operation is enough, and quicker.
    document = orjson.loads(orjson.dumps({**DOCUMENT, "paths": {"/v1/imports": DOCUMENT["paths"]["/v1/imports"]}}))
    for plant, _, _ in DEFECTS.values():
        plant(document)
    code, places = found(spectral, tmp_path, orjson.dumps(document))
    assert code == 1
    missed = [name for name, (_, rule, place) in DEFECTS.items() if "/".join(place) not in places.get(rule, ())]
    assert not missed, places


def test_what_is_installed_names_no_registry():
    assert '"resolved"' not in (HOME / "package-lock.json").read_text()
