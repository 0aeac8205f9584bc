"""The installed command line, run from any folder, also from one with packages of the same names."""

from __future__ import annotations

import hashlib
import json
import socket
import sqlite3
import subprocess
import sys
import urllib.request
import zipfile
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from api import cli
from api.version import CONTRACT_VERSION, PACKAGE_VERSION
from tests.conftest import open_sqlite_connections
from tests.support.generated_records import article, casualty_report
from tests.support.live_server import ONRECORD, environment, free_port, onrecord, run_server
from tests.support.writers import put, running_server, server_client

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def decoys(tmp_path):
    """Return a folder with packages that have the names of this project's packages."""
    for name in ("api", "schemas", "fixtures"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise RuntimeError('not the right one')\n")
    (tmp_path / "wsgi.py").write_text("raise RuntimeError('not the right one')\n")
    (tmp_path / ".env").write_text("ONRECORD_DATABASE_URL=mysql://nowhere\n")
    return tmp_path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the project as a wheel, from a clean copy of the files in git."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_packages_fixtures_migrations_and_pages(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "wsgi.py",
        "fixtures/quotes.ndjson",
        "api/store/migrations/env.py",
        "api/store/migrations/versions/v1_the_tables_of_version_1.py",
        "api/pages/templates/docs.html",
        "api/pages/static/docs.js",
        "schemas/contract/v1/openapi.json",
    } <= names
    assert not [name for name in names if name.startswith("tests/")]


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Install the wheel into another environment and return its command."""
    site = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(site)
    # Before everything else on the path, as an installed package is, and never the folder it is started in.
    start = f"import sys; sys.path[:1] = [{str(site)!r}]; from api.cli import main; main()"
    return sys.executable, "-c", start


@pytest.mark.parametrize("arguments", [("db", "upgrade"), ("keys", "revoke", "no-such-key")], ids=" ".join)
def test_a_command_closes_the_database_at_its_end(tmp_path, monkeypatch, arguments):
    url = f"sqlite:///{tmp_path}/a.db"
    assert onrecord("db", "upgrade", cwd=tmp_path, database_url=url).returncode == 0
    monkeypatch.setenv("ONRECORD_DATABASE_URL", url)
    monkeypatch.setattr(sys, "argv", ["onrecord", *arguments])
    before = open_sqlite_connections()
    with pytest.raises(SystemExit):
        cli.main()
    assert open_sqlite_connections() <= before


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_is_stopped_leaves_the_whole_database_in_its_file(tmp_path, workers):
    """SQLite merges the write-ahead log into the file when the last connection is closed."""
    url = f"sqlite:///{tmp_path}/a.db"
    assert onrecord("db", "upgrade", cwd=tmp_path, database_url=url).returncode == 0
    arguments = ("keys", "create", "--name", "x", "--scope", "claims:write")
    token = onrecord(*arguments, cwd=tmp_path, database_url=url).stdout.strip()
    with running_server(url, tmp_path, workers=workers) as root, server_client(root, token) as ask:
        assert put(ask, "/v1/articles/mine", article("mine")).status == 201
        assert (tmp_path / "a.db-wal").stat().st_size > 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.db", "log"]


@pytest.mark.long
def test_the_installed_wheel_serves_the_seed_among_decoys(installed, decoys):
    command, port = installed, free_port()
    for arguments in (("db", "upgrade"), ("db", "seed")):
        result = onrecord(*arguments, command=command, cwd=decoys)
        assert result.returncode == 0, result.stderr
    assert (decoys / "onrecord.db").exists()
    with run_server((*command, "serve", "--port", str(port)), decoys, port, environment(), decoys / "log") as root:
        with urllib.request.urlopen(f"{root}/v1/casualty-reports?harm=killed&claimant_country=ARM") as response:
            assert {record["count"] for record in json.load(response)["data"]} == {1166, 45}
        for name in ("docs", "v1/openapi.json", "docs/swagger-ui-bundle.js"):
            with urllib.request.urlopen(f"{root}/{name}") as response:
                assert response.status == 200


@pytest.mark.long
def test_the_installed_wheel_has_the_contract_its_mock_and_the_check_of_deployments_among_decoys(installed, decoys):
    result = onrecord("contract", "check", command=installed, cwd=decoys)
    assert result.stdout.startswith("The service keeps to the contract"), result.stderr
    port = free_port()
    with run_server((*installed, "mock", "--port", str(port)), decoys, port, environment(), decoys / "log") as root:
        result = onrecord("conformance", root, "--only", "problems", command=installed, cwd=decoys)
        assert result.returncode == 0, result.stdout
        with urllib.request.urlopen(f"{root}/v1/quotes/aliyev-by-any-means") as response:
            (decoys / "saved").write_bytes(response.read())
    checked = ("contract", "check-response", "--operation", "getQuote", "saved")
    result = onrecord(*checked, command=installed, cwd=decoys)
    assert result.returncode == 0, result.stderr


def test_the_command_works_in_a_folder_of_decoys_and_prints_its_paths(decoys, databases):
    database, port = databases.new("seeded"), free_port()
    log, env = decoys / "log", environment(database_url=database)
    with run_server((*ONRECORD, "serve", "--port", str(port)), decoys, port, env, log) as root:
        for path in ("/v1/claims", "/docs", "/v1/openapi.json"):
            assert f"{root}{path}\n" in log.read_text()
        with urllib.request.urlopen(f"{root}/v1/quotes?limit=1") as response:
            assert json.load(response)["page"]["next"].startswith(f"{root}/v1/quotes?limit=1&cursor=")


def test_the_version_is_printed_without_settings_or_a_database(tmp_path):
    run = onrecord("--version", cwd=tmp_path, database_url="sqlite:////no/such/folder/x.db", no_such_setting="1")
    versions = f"onrecord {PACKAGE_VERSION}, contract {CONTRACT_VERSION}\n"
    assert (run.returncode, run.stdout, run.stderr) == (0, versions, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("serve",), ("db", "seed"), ("import", "mine"), ("verify", "--text", "mine", "x")])
def test_a_command_on_a_database_without_tables_names_the_command_to_run(tmp_path, command):
    (tmp_path / "mine").write_text("")
    result = onrecord(*command, cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr == "Error: The database is not up to date. Run: onrecord db upgrade\n"


def test_an_unavailable_database_is_reported_without_a_traceback(tmp_path):
    result = onrecord("db", "upgrade", cwd=tmp_path, database_url="sqlite:///no/such/folder/a.db")
    assert (result.returncode, "Traceback" in result.stderr) == (1, False)
    assert "The database cannot be used" in result.stderr


def rename_version(file):
    """Make the tables of a SQLite file those of a version that does not exist."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v9'")


@pytest.mark.parametrize("command", [("db", "upgrade"), ("db", "seed"), ("keys", "list"), ("serve",)])
@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: file.write_bytes(b"This is not a database. " * 500), "is not a SQLite database"),
        (lambda file: file.write_bytes(file.read_bytes()[:4096] + b"\xff" * 400_000), "its file is damaged"),
        (rename_version, "another version of onrecord"),
    ],
    ids=["no-database", "damaged-pages", "newer-tables"],
)
def test_an_unusable_file_is_reported_in_one_line(tmp_path, command, damage, message):
    onrecord("db", "upgrade", cwd=tmp_path)
    damage(tmp_path / "onrecord.db")
    result = onrecord(*command, cwd=tmp_path)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert message in line


def test_a_port_that_is_taken_is_not_shared(tmp_path):
    onrecord("db", "upgrade", cwd=tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        result = onrecord("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert result.returncode == 1
    assert "Cannot listen on 127.0.0.1" in result.stderr


def test_fixtures_are_loaded_once_and_never_over_a_users_data(tmp_path):
    mine = tmp_path / "mine.ndjson"
    mine.write_bytes(orjson.dumps(article("my-article")))
    assert onrecord("db", "upgrade", cwd=tmp_path).returncode == 0
    assert "1 created" in onrecord("import", "mine.ndjson", cwd=tmp_path).stdout
    assert "not stored" in onrecord("db", "seed", cwd=tmp_path).stdout
    other = tmp_path / "other"
    other.mkdir()
    onrecord("db", "upgrade", cwd=other)
    assert "29 created" in onrecord("db", "seed", cwd=other).stdout
    assert "not stored" in onrecord("db", "seed", cwd=other).stdout


def test_tables_of_an_unknown_version_are_left_as_they_are(app):
    with app.extensions["onrecord"].engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of-another-time'"))
    result = app.test_cli_runner().invoke(cli.onrecord, ["db", "upgrade"])
    assert (result.exit_code, "does not know" in result.stderr) == (1, True)
    with app.extensions["onrecord"].engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'v1'"))


def test_a_rejected_import_names_file_line_and_field_and_exits_with_1(tmp_path):
    onrecord("db", "upgrade", cwd=tmp_path)
    lines = [article("the-article"), casualty_report("the-claim", "the-article", harm="kiled")]
    (tmp_path / "mine.ndjson").write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    result = onrecord("import", "mine.ndjson", cwd=tmp_path)
    assert result.returncode == 1
    assert "mine.ndjson, line 2" in result.stderr
    assert "/harm: Must be one of" in result.stderr
    assert "Nothing was stored: 0 created, 0 replaced, 0 unchanged, 1 rejected." in result.stderr


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"public_url": "onrecord.example"}, "ONRECORD_PUBLIC_URL must be"),
        ({"database_url": "mysql://x/y"}, "SQLite"),
        ({"database_url": "garbage"}, "SQLite"),
        ({"database_url": "postgresql+asyncpg://x/y"}, "SQLite"),
        ({"database_url": "sqlite://:::/"}, "URL is not valid"),
        (
            {"databse_url": "sqlite://"},
            "Unknown setting: ONRECORD_DATABSE_URL. Did you mean ONRECORD_DATABASE_URL?",
        ),
    ],
)
def test_an_invalid_setting_is_reported_without_a_traceback(tmp_path, settings, message):
    response = onrecord("db", "upgrade", cwd=tmp_path, **settings)
    assert response.returncode == 2
    assert message in response.stderr
    assert "Traceback" not in response.stderr


def test_variables_that_kubernetes_sets_for_a_service_are_ignored_with_a_warning(tmp_path):
    address = "10.0.0.7"
    variables = {
        "service_host": address,
        "service_port": "8000",
        "service_port_http": "8000",
        "port": f"tcp://{address}:8000",
        "port_8000_tcp": f"tcp://{address}:8000",
        "port_8000_tcp_proto": "tcp",
        "port_8000_tcp_port": "8000",
        "port_8000_tcp_addr": address,
    }
    result = onrecord("db", "upgrade", cwd=tmp_path, **variables)
    assert result.returncode == 0, result.stderr
    (warning,) = [orjson.loads(line) for line in result.stderr.splitlines() if "unknown settings" in line]
    assert warning["level"] == "warning"
    assert set(warning["names"]) == {f"ONRECORD_{name.upper()}" for name in variables}


def test_verify_checks_stored_claims_against_a_text_and_stores_nothing(tmp_path):
    text = "The ministry of Norland said three civilians were killed.\r\n"
    text_fields = {"text_sha256": hashlib.sha256(text.encode()).hexdigest(), "text_length": len(text)}
    evidence = [{"exact": text[16:-3], "start": 16, "end": len(text) - 3}]
    lines = [
        article("the-article", **text_fields),
        casualty_report("right", "the-article", inferred=[], evidence=evidence),
        casualty_report("misplaced", "the-article"),
    ]
    (tmp_path / "mine.ndjson").write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    onrecord("db", "upgrade", cwd=tmp_path)
    assert onrecord("import", "mine.ndjson", cwd=tmp_path).returncode == 0
    (tmp_path / "text").write_bytes(text.encode())
    result = onrecord("verify", "--text", "text", "the-article", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stdout == "1 of 2 claims are supported by the text.\n"
    assert result.stderr.startswith(
        "misplaced /evidence/0/exact (span): The text at these offsets is 'The m', not 'three'."
    )
    (tmp_path / "text").write_bytes(text.replace("\r", "").encode())
    assert "SHA-256" in onrecord("verify", "--text", "text", "the-article", cwd=tmp_path).stderr
    assert "does not exist" in onrecord("verify", "--text", "text", "no-article", cwd=tmp_path).stderr
