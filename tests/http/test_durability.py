"""A server that is killed at any time keeps every acknowledged write and stores no partial one."""

from __future__ import annotations

import http.client
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from api.store.database import Store
from tests.support.db_invariants import assert_sound, stored_documents
from tests.support.generated_records import article, casualty_report
from tests.support.live_server import ONRECORD, environment, free_port, wait_for_server
from tests.support.writers import JSON, MERGE_PATCH, NDJSON, ClientResponse, create_key, put, server_client, wait_until

pytestmark = pytest.mark.long

# `make soak` kills more often.
KILLS = int(os.environ.get("KILLS", "6"))
LINES = 400
OURS = "casualty_report"


class Server:
    """A real server on a database, which can be killed with all its processes."""

    def __init__(self, url: str, folder: Path):
        port, log = free_port(), folder / "log"
        command = (*ONRECORD, "serve", "--port", str(port))
        # The other end of the pipe is open while one of its processes runs.
        self.alive, other = os.pipe()
        with log.open("w") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(database_url=url, rate_limit=""),
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[other],
            )
        os.close(other)
        try:
            self.root = wait_for_server(self.process, port, log)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """Kill all processes at once and wait until the last one has ended."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        assert os.read(self.alive, 1) == b""
        os.close(self.alive)


class Killed(Exception):
    """The server ended before it responded."""


class Editor:
    """A client that creates, changes and deletes a few claims, and posts articles without an id.

    Three attributes describe its state:

    - `known`: the acknowledged document of each claim, None if it was deleted
    - `pending`: the claim and the place of an unacknowledged write. The place of a deletion is None
    - `posting`: the id of an unacknowledged post of an article
    """

    def __init__(self, name: str):
        self.name = name
        self.chance = random.Random(name)
        self.stored: dict[str, bytes | None] = {f"{name}-{number}": None for number in range(10)}
        self.pending: tuple[str, str | None] | None = None
        self.posted: dict[str, bytes] = {}
        self.posting: str | None = None
        self.written = 0

    def work(self, ask, stopped: threading.Event) -> None:
        while not stopped.is_set():
            (self.post if self.chance.random() < 0.4 else self.edit)(ask)

    def edit(self, ask) -> None:
        id_ = self.chance.choice(list(self.stored))
        path, before, place = f"/v1/casualty-reports/{id_}", self.stored[id_], f"{self.name}'s place {self.written}"
        self.written += 1
        claim = casualty_report(id_, "the-article", place=place, affected=self.chance.choice(([], AFFECTED)))
        if before is None:
            self.pending = id_, place
            response = put(ask, path, claim)
        elif (act := self.chance.choice(("put", "patch", "delete"))) == "put":
            self.pending = id_, place
            response = put(ask, path, claim, If_Match="*")
        elif act == "patch":
            self.pending = id_, place
            response = ask("PATCH", path, orjson.dumps({"place": place}), Content_Type=MERGE_PATCH, If_Match="*")
        else:
            self.pending = id_, None
            response = ask("DELETE", path, If_Match="*")
        assert response.status in (200, 201, 204), response.body
        self.stored[id_], self.pending = response.body or None, None

    def post(self, ask) -> None:
        """Post an article. Retry an unacknowledged one with the same key."""
        if self.posting is None:
            self.posting = f"{self.name}'s article {len(self.posted)}"
        response = self.posted_again(ask)
        self.posted[self.posting], self.posting = response.body, None

    def posted_again(self, ask) -> ClientResponse:
        body = orjson.dumps({"headline": self.posting})
        response = ask("POST", "/v1/articles", body, Content_Type=JSON, Idempotency_Key=self.posting.replace(" ", "-"))
        assert response.status == 201, response.body
        return response

    def check(self, stored: dict[tuple[str, str], str]) -> None:
        """Compare the stored claims with the acknowledged ones. A pending write may be stored or not."""
        if self.pending is not None:
            id_, place = self.pending
            actual, before = stored.get((OURS, id_)), self.stored[id_]
            if actual is None or actual.encode() != before:
                assert (None if actual is None else orjson.loads(actual)["place"]) == place or actual == before
                self.stored[id_] = None if actual is None else actual.encode()
            self.pending = None
        for id_, document in self.stored.items():
            actual = stored.get((OURS, id_))
            assert (None if actual is None else actual.encode()) == document
        headlines = [orjson.loads(item)["headline"] for (type_, _), item in stored.items() if type_ == "article"]
        for headline, document in self.posted.items():
            assert stored["article", orjson.loads(document)["id"]].encode() == document
            assert headlines.count(headline) == 1
        assert headlines.count(self.posting) <= 1

    def check_again(self, ask, stored: dict[tuple[str, str], str]) -> None:
        """Retry an unacknowledged post. It returns the stored article, or stores it."""
        if self.posting is not None:
            there = any(orjson.loads(item).get("headline") == self.posting for item in stored.values())
            response = self.posted_again(ask)
            assert ("Idempotent-Replayed" in response.headers) is there
            self.posted[self.posting], self.posting = response.body, None


class Importer:
    """A client that imports the same claims repeatedly, each time in a new revision.

    `known` is the last acknowledged one.
    """

    def __init__(self):
        self.stored, self.pending, self.took = 0, 0, 0.5

    def work(self, ask, stopped: threading.Event) -> None:
        while not stopped.is_set():
            self.pending = self.stored + 1
            began = time.monotonic()
            response = ask("POST", "/v1/imports", self.lines(self.pending), Content_Type=NDJSON)
            assert (response.status, response.json["stored"]) == (200, True), response.body
            self.stored, self.took = self.pending, time.monotonic() - began

    def lines(self, revision: int) -> bytes:
        records = [article("imported", publisher=f"revision {revision}")]
        for number in range(LINES):
            more = {"place": f"place {number} of revision {revision}", "affected": AFFECTED * (revision % 2)}
            records.append(casualty_report(f"imported-{number}", "imported", **more))
        return b"\n".join(orjson.dumps(record) for record in records)

    def check(self, stored: dict[tuple[str, str], str]) -> None:
        actual = [orjson.loads(item) for (_, id_), item in stored.items() if id_.startswith("imported")]
        revisions = {int((item.get("place") or item["publisher"]).rpartition(" ")[2]) for item in actual}
        assert (len(revisions), len(actual)) == (1, LINES + 1) if actual else self.stored == 0
        (self.stored,) = revisions & {self.stored, self.pending} if actual else {0}


AFFECTED = [{"name": "Norland", "kind": "government"}]


def work(worker, root: str, token: str, stopped: threading.Event) -> None:
    """Write until the server ends."""
    with server_client(root, token) as ask:
        try:
            worker.work(ask, stopped)
        except (OSError, http.client.HTTPException):
            if not stopped.is_set():
                raise


def write_until_killed(server: Server, token: str, workers, until) -> None:
    """Start workers that write to a server, and kill the server when `until` returns."""
    stopped = threading.Event()
    with ThreadPoolExecutor(len(workers)) as pool:
        try:
            working = [pool.submit(work, worker, server.root, token, stopped) for worker in workers]
            until()
        finally:
            stopped.set()
            server.kill()
        for item in working:
            item.result()


def all_clients_are_gone(store: Store) -> bool:
    """Return whether no other client is connected. PostgreSQL first finishes the statement of a killed client."""
    if store.is_sqlite:
        return True
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with store.engine.connect() as connection:
        return connection.execute(text(others)).scalar() == 0


def write_is_running(store: Store) -> bool:
    """Return whether a transaction is writing now."""
    if not store.is_sqlite:
        locks = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        ours = f"{locks} WHERE mode = 'ExclusiveLock' AND granted AND datname = current_database()"
        with store.engine.connect() as connection:
            return connection.execute(text(ours)).scalar() > 0
    with closing(sqlite3.connect(store.url.database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def test_a_killed_server_keeps_acknowledged_writes_and_stores_no_partial_ones(databases, tmp_path):
    url = databases.new("empty")
    store, chance = Store(url), random.Random(1)
    token = create_key(store)
    editors, importer = [Editor("anna"), Editor("boris")], Importer()
    stored: dict[tuple[str, str], str] = {}
    for round_ in range(KILLS if store.is_sqlite else max(KILLS * 3 // 10, 3)):
        store.close()
        server = Server(url, tmp_path)
        try:
            with server_client(server.root, token) as ask:
                assert round_ > 0 or put(ask, "/v1/articles/the-article", article("the-article")).status == 201
                for editor in editors:
                    editor.check_again(ask, stored)
        except BaseException:
            server.kill()
            raise
        workers = (editors, [importer], [*editors, importer], [importer], editors)[round_ % 5]

        def moment(
            longest: float = 0.005 if editors[0] in workers else 0.05, at_random: bool = round_ % 4 == 0
        ) -> None:
            time.sleep(chance.uniform(0, 1.2 * min(importer.took, 2)))
            if not at_random:
                # Few moments are in the midst of a write, and those are the ones to fear.
                wait_until(lambda: write_is_running(store), every=0.001)
                time.sleep(chance.uniform(0, longest))

        write_until_killed(server, token, workers, moment)
        wait_until(lambda: all_clients_are_gone(store))
        assert_sound(store)
        stored = stored_documents(store)
        for worker in (*editors, importer):
            worker.check(stored)
    assert any(editor.written for editor in editors)
    store.close()
