"""A SQLite file that is read-only: writes return a 503, and succeed when it is writable again, without a restart."""

from __future__ import annotations

import os
import sys
from contextlib import closing, contextmanager

import pytest

from api.store.database import Store
from tests.support.generated_records import article
from tests.support.live_server import ONRECORD, environment, free_port, onrecord, run_server
from tests.support.writers import create_key, put, server_client, wait_until

# Root may write to every file. Without these capabilities, the permissions also apply to root (Linux).
AS_OTHER_USERS = """
import ctypes, os, sys
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
if ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0):
    raise SystemExit("The capability cannot be dropped.")
os.execv(sys.argv[1], sys.argv[1:])
"""
COMMAND = (sys.executable, "-c", AS_OTHER_USERS, *ONRECORD) if os.geteuid() == 0 else ONRECORD


@contextmanager
def running(file, log, workers):
    """Start a server on a SQLite file. It has no more rights than the owner of the file."""
    port = free_port()
    settings = environment(database_url=f"sqlite:///{file}", rate_limit="")
    command = (*COMMAND, "serve", "--port", str(port), "--workers", str(workers))
    with run_server(command, log.parent, port, settings, log) as root:
        wait_until(lambda: log.read_text().count("Started worker") == workers)
        yield root


@pytest.fixture
def file(tmp_path):
    """Yield a SQLite file with the tables, in a folder of its own."""
    file = tmp_path / "data" / "onrecord.db"
    file.parent.mkdir()
    with closing(Store(f"sqlite:///{file}")) as store:
        store.upgrade()
    yield file
    file.parent.chmod(0o700)


def put_article(root, token, number):
    """Read, then write over a new connection. Return the response to the write."""
    with server_client(root, token) as ask:
        # Only without a key, the cache of responses opens its connection.
        assert ask("GET", f"/v1/articles?publisher={number}", Authorization=None).status in (200, 503)
        return put(ask, f"/v1/articles/article-{number}", article(f"article-{number}"))


def assert_rejected(response):
    """Check the response to a write to a read-only database."""
    assert (response.status, response.json["code"]) == (503, "unavailable")
    assert response.json["detail"].startswith("The database is read-only. Make its file and its folder writable")
    assert response.headers["Retry-After"]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_started_on_a_read_only_file_writes_when_it_is_writable(file, tmp_path, workers):
    with closing(Store(f"sqlite:///{file}")) as store:
        token = create_key(store)
    file.chmod(0o400)
    with running(file, tmp_path / "log", workers) as root:
        for number in range(10):
            assert_rejected(put_article(root, token, number))
        with server_client(root, token) as ask:
            assert ask("GET", "/v1/articles").status == 200
        file.chmod(0o600)
        # A connection that was opened before is replaced when its write fails.
        wait_until(lambda: put_article(root, token, 1).status == 201)
        with server_client(root, token) as ask:
            wait_until(lambda: ask("DELETE", "/v1/articles/article-1", If_Match="*").status == 204)


@pytest.mark.slow
def test_a_command_names_a_read_only_folder(file, tmp_path):
    file.parent.chmod(0o500)
    result = onrecord("keys", "list", command=COMMAND, cwd=tmp_path, database_url=f"sqlite:///{file}")
    assert result.returncode == 1
    assert result.stderr.startswith("Error: The database is read-only. Make its file and its folder writable")
