"""A server starts without libraries that only other databases, commands or requests need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.live_server import environment

ROOT = Path(__file__).parents[2]
# The time and the memory of each one are a twentieth or more of those of a worker.
UNUSED = ["alembic", "langcodes", "matplotlib", "psycopg"]

# The steps of `onrecord serve` before its first response, and some reads.
START = """
import gc, sys
from api.cli import loading, onrecord
onrecord.get_command(None, "serve")
with loading():
    from api.app import create_app
    app = create_app()
tracked = len(gc.get_objects())
store = app.extensions["onrecord"]
assert store.at_head() and not store.render_due()
client = app.test_client()
for path in ("/healthz", "/readyz", "/v1/claims", "/v1/export", "/metrics"):
    assert client.get(path).status_code == 200, path
store.close()
print(*sorted({name.partition(".")[0] for name in sys.modules} & set(sys.argv[1:])), tracked, gc.isenabled())
"""


@pytest.fixture(scope="module")
def loaded(databases, tmp_path_factory):
    """Return the loaded libraries of UNUSED, the objects that the garbage collector visits, and whether it is on."""
    url = databases.new("seeded")
    command = [sys.executable, "-c", START, *UNUSED]
    env = environment(database_url=url) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path_factory.mktemp("start"), env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    *libraries, tracked, enabled = done.stdout.split()
    return url, libraries, int(tracked), enabled


def test_a_server_loads_no_library_that_its_requests_do_not_need(loaded):
    url, libraries, _, _ = loaded
    assert libraries == ([] if url.startswith("sqlite") else ["psycopg"])


def test_the_garbage_collector_does_not_visit_the_loaded_app(loaded):
    _, _, tracked, enabled = loaded
    # An app has more than 100,000 objects.
    assert (tracked < 1000, enabled) == (True, "True")
