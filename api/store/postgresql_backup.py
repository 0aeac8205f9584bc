"""Backups of PostgreSQL: archives of pg_dump, in its custom format."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
import typing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.pq import Conninfo
from sqlalchemy import Connection, inspect

from api.store import migrations, timeouts
from api.store.backup_file import IN_USE, TABLES, Content
from api.store.database import CONNECTION_LOCK, Store
from api.store.errors import BackupError
from api.store.tables import feed, new_epoch

MAGIC = b"PGDMP"

# The milliseconds of the wait for a table that another process has locked.
_LOCK_WAIT = 60_000

# The seconds in which the connections of a process that has ended disappear.
_IN_USE_WAIT = 2
_COPY = re.compile(rb"COPY (\S+)\.(\S+) \(.*\) FROM stdin;\n")


def write(store: Store, file: Path) -> Content:
    """Write a snapshot of the database to an empty file, and return the content of the snapshot."""
    with store.snapshot() as connection:
        timeouts.unlimited(connection)
        content = _content(connection)
        snapshot = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar_one()
        schema = _schema(connection)
        command = [
            _program("pg_dump", connection),
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            f"--lock-wait-timeout={_LOCK_WAIT}",
            f"--snapshot={snapshot}",
            *(f'--table="{schema}"."{name}"' for name in content.rows),
        ]
        # Not by its name: if this process ends while it starts pg_dump, pg_dump would create the file again.
        with file.open("wb") as stream, _running(command, store, stdout=stream) as process:
            process.wait()
    return content


def read(store: Store, file: Path) -> Content:
    """Read a whole backup, and return its content. Raises BackupError if it is damaged."""
    with store.snapshot() as connection:
        program, schema = _program("pg_restore", connection), _schema(connection)
    rows: dict[str, int] = {}
    revision = table = None
    with _running([program, "--file=-", str(file)], store, stdout=subprocess.PIPE) as process:
        for line in typing.cast("typing.IO[bytes]", process.stdout):
            if table is None:
                if (match := _COPY.fullmatch(line)) is not None:
                    if (other := match[1].decode().strip('"')) != schema:
                        raise BackupError(
                            f"{file} has the tables of the schema {other}, but the database uses {schema}. "
                            "Set the search_path of its user."
                        )
                    table = match[2].decode().strip('"')
                    rows[table] = 0
            elif line == b"\\.\n":
                table = None
            else:
                rows[table] += 1
                if table == migrations.TABLE:
                    revision = line.decode().strip()
    return Content(revision, {name: rows[name] for name in TABLES if name in rows})


def restore(store: Store, file: Path, content: Content) -> Content:
    """Replace the database with a backup, and return the content that it then has.

    All is one transaction, so a restore that fails or is killed leaves the old content. Statistics of the tables are
    part of it, because queries are slow without them.
    """
    with store.aside() as connection:
        autocommit = timeouts.unlimited_statements(connection.execution_options(isolation_level="AUTOCOMMIT"))
        # Each connection of a process has the shared lock. Connections that begin later wait for this one.
        # A server process of PostgreSQL can end a moment after its client. Trying again, unlike waiting for the lock,
        # does not hold up the new connections of a running server.
        deadline = time.monotonic() + _IN_USE_WAIT
        while not autocommit.exec_driver_sql(f"SELECT pg_try_advisory_lock({CONNECTION_LOCK})").scalar_one():
            if time.monotonic() > deadline:
                raise BackupError(IN_USE)
            time.sleep(0.05)
        pg_restore, psql = (_program(name, connection) for name in ("pg_restore", "psql"))
        schema = f'"{_schema(connection)}"'
        start = ["BEGIN", f"SET LOCAL lock_timeout = {_LOCK_WAIT}"]
        if old := _content(connection).rows:
            # Without CASCADE, so that no view of others is dropped.
            start.append(f"DROP TABLE {', '.join(f'{schema}.{name}' for name in old)}")
        # The programs have set another search_path.
        end = [f"ANALYZE {schema}.{name}" for name in content.rows]
        if feed.name in content.rows:
            end.append(f"UPDATE {schema}.{feed.name} SET epoch = '{new_epoch()}'")  # noqa: S608 - constants
        _run_script(store, psql, start, [pg_restore, "--file=-", str(file)], [*end, "COMMIT"])
        return _content(connection)


def _run_script(store: Store, psql: str, start: list[str], source: list[str], end: list[str]) -> None:
    """Run statements, the SQL that a program prints, and more statements. After an error, nothing has changed."""
    command = [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-"]
    with _running(command, store, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        script = typing.cast("typing.IO[bytes]", process.stdin)
        # If psql ends early, its message has the cause.
        with suppress(BrokenPipeError):
            script.write("".join(f"{statement};\n" for statement in start).encode())
            script.flush()
            # If the program fails, the COMMIT after it is not sent.
            with _running(source, store, stdout=subprocess.PIPE) as printing:
                shutil.copyfileobj(typing.cast("typing.IO[bytes]", printing.stdout), script)
            script.write("".join(f"{statement};\n" for statement in end).encode())
            script.close()
        process.wait()


@contextmanager
def _running(command: Sequence[str], store: Store, **streams: typing.Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program of PostgreSQL. Raise BackupError if it fails, with its message."""
    with tempfile.TemporaryFile() as errors:
        process: subprocess.Popen[bytes] = subprocess.Popen(  # noqa: S603 - a program of PostgreSQL on PATH
            command, env=_environment(store), stderr=errors, **streams
        )
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            with suppress(BrokenPipeError):
                for stream in filter(None, (process.stdin, process.stdout)):
                    stream.close()
            process.wait()
        if process.returncode:
            errors.seek(0)
            message = " ".join(errors.read(2000).decode(errors="replace").split())
            raise BackupError(f"{Path(command[0]).name} failed: {message}")


def _program(name: str, connection: Connection) -> str:
    """Return the path of a program of PostgreSQL that has the version of the server."""
    version = connection.exec_driver_sql("SHOW server_version_num").scalar_one()
    major = str(int(version) // 10_000)
    fix = f"Install the client programs of PostgreSQL {major}, and put them on PATH."
    path = shutil.which(name)
    if path is None:
        raise BackupError(f"{name} is not on PATH. {fix}")
    command = [path, "--version"]
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - as above
    if (match := re.search(r"\) (\d+)", output)) is None or match[1] != major:
        actual = match[1] if match is not None else "unknown"
        raise BackupError(f"{path} has the version {actual}, but the server has {major}. {fix}")
    return path


def _environment(store: Store) -> dict[str, str]:
    """Return the environment of a program, with the parameters of the connection. Arguments would show the password."""
    names = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    _, parameters = store.engine.dialect.create_connect_args(store.url)
    environment = {**os.environ, "PGAPPNAME": "onrecord"}
    for keyword, value in parameters.items():
        if (variable := names.get(keyword)) is not None:
            environment[variable.decode()] = str(value)
    return environment


def _schema(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())


def _content(connection: Connection) -> Content:
    tables = set(inspect(connection).get_table_names())
    rows = {
        name: int(connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one())  # noqa: S608 - a constant
        for name in TABLES
        if name in tables
    }
    return Content(migrations.revision(connection), rows)
