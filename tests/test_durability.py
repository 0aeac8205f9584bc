"""A server that is killed at any moment: what it acknowledged is there, and nothing is half there."""

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

from api.store.engine import Store
from tests.consistency import assert_sound, on_record
from tests.generated import article, casualty_report
from tests.serving import ONRECORD, answering, environment, free_port
from tests.writers import JSON, MERGE_PATCH, NDJSON, Answer, key, of_server, put, wait_until

pytestmark = pytest.mark.long

# `make soak` kills more often.
KILLS = int(os.environ.get("KILLS", "6"))
LINES = 400
OURS = "casualty_report"


class Server:
    """A real server on a database, that can be killed with all its processes."""

    def __init__(self, url: str, folder: Path):
        port, log = free_port(), folder / "log"
        command = (*ONRECORD, "serve", "--port", str(port))
        # Whoever of its processes lives holds the pipe's other end.
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
            self.root = answering(self.process, port, log)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End all its processes at once, without a chance to finish anything, and see the last one gone."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        assert os.read(self.alive, 1) == b""
        os.close(self.alive)


class Killed(Exception):
    """The server went away before it answered."""


class Editor:
    """Puts, changes and deletes some claims of its own, and puts articles that the server names.

    `known` is the document of each claim as it was acknowledged, None where it was deleted; `pending` is the claim
    and place, or None for a deletion, of the write that was not answered. So is `posting`, of an article.
    """

    def __init__(self, name: str):
        self.name = name
        self.chance = random.Random(name)
        self.known: dict[str, bytes | None] = {f"{name}-{number}": None for number in range(10)}
        self.pending: tuple[str, str | None] | None = None
        self.posted: dict[str, bytes] = {}
        self.posting: str | None = None
        self.written = 0

    def work(self, ask, stopped: threading.Event) -> None:
        while not stopped.is_set():
            (self.post if self.chance.random() < 0.4 else self.edit)(ask)

    def edit(self, ask) -> None:
        id_ = self.chance.choice(list(self.known))
        path, before, place = f"/v1/casualty-reports/{id_}", self.known[id_], f"{self.name}'s place {self.written}"
        self.written += 1
        claim = casualty_report(id_, "the-article", place=place, affected=self.chance.choice(([], AFFECTED)))
        if before is None:
            self.pending = id_, place
            answer = put(ask, path, claim)
        elif (act := self.chance.choice(("put", "patch", "delete"))) == "put":
            self.pending = id_, place
            answer = put(ask, path, claim, If_Match="*")
        elif act == "patch":
            self.pending = id_, place
            answer = ask("PATCH", path, orjson.dumps({"place": place}), Content_Type=MERGE_PATCH, If_Match="*")
        else:
            self.pending = id_, None
            answer = ask("DELETE", path, If_Match="*")
        assert answer.status in (200, 201, 204), answer.body
        self.known[id_], self.pending = answer.body or None, None

    def post(self, ask) -> None:
        """Post an article; one that was not acknowledged is posted again, with the same key."""
        if self.posting is None:
            self.posting = f"{self.name}'s article {len(self.posted)}"
        answer = self.posted_again(ask)
        self.posted[self.posting], self.posting = answer.body, None

    def posted_again(self, ask) -> Answer:
        body = orjson.dumps({"headline": self.posting})
        answer = ask("POST", "/v1/articles", body, Content_Type=JSON, Idempotency_Key=self.posting.replace(" ", "-"))
        assert answer.status == 201, answer.body
        return answer

    def check(self, stored: dict[tuple[str, str], str]) -> None:
        """Hold what is stored against what was acknowledged; what was pending is there now, or not."""
        if self.pending is not None:
            id_, place = self.pending
            found, before = stored.get((OURS, id_)), self.known[id_]
            if found is None or found.encode() != before:
                assert (None if found is None else orjson.loads(found)["place"]) == place or found == before
                self.known[id_] = None if found is None else found.encode()
            self.pending = None
        for id_, document in self.known.items():
            found = stored.get((OURS, id_))
            assert (None if found is None else found.encode()) == document
        headlines = [orjson.loads(each)["headline"] for (type_, _), each in stored.items() if type_ == "article"]
        for headline, document in self.posted.items():
            assert stored["article", orjson.loads(document)["id"]].encode() == document
            assert headlines.count(headline) == 1
        assert headlines.count(self.posting) <= 1

    def check_again(self, ask, stored: dict[tuple[str, str], str]) -> None:
        """A post that was not answered is, sent again, the one that was stored, or the first."""
        if self.posting is not None:
            there = any(orjson.loads(each).get("headline") == self.posting for each in stored.values())
            answer = self.posted_again(ask)
            assert ("Idempotent-Replayed" in answer.headers) is there
            self.posted[self.posting], self.posting = answer.body, None


class Importer:
    """Imports the same claims over and over, each time in another revision; `known` is the one acknowledged last."""

    def __init__(self):
        self.known, self.pending, self.took = 0, 0, 0.5

    def work(self, ask, stopped: threading.Event) -> None:
        while not stopped.is_set():
            self.pending = self.known + 1
            began = time.monotonic()
            answer = ask("POST", "/v1/imports", self.lines(self.pending), Content_Type=NDJSON)
            assert (answer.status, answer.json["stored"]) == (200, True), answer.body
            self.known, self.took = self.pending, time.monotonic() - began

    def lines(self, revision: int) -> bytes:
        records = [article("imported", publisher=f"revision {revision}")]
        for number in range(LINES):
            more = {"place": f"place {number} of revision {revision}", "affected": AFFECTED * (revision % 2)}
            records.append(casualty_report(f"imported-{number}", "imported", **more))
        return b"\n".join(orjson.dumps(record) for record in records)

    def check(self, stored: dict[tuple[str, str], str]) -> None:
        found = [orjson.loads(each) for (_, id_), each in stored.items() if id_.startswith("imported")]
        revisions = {int((each.get("place") or each["publisher"]).rpartition(" ")[2]) for each in found}
        assert (len(revisions), len(found)) == (1, LINES + 1) if found else self.known == 0
        (self.known,) = revisions & {self.known, self.pending} if found else {0}


AFFECTED = [{"name": "Norland", "kind": "government"}]


def work(worker, root: str, token: str, stopped: threading.Event) -> None:
    """Work until the server is gone."""
    with of_server(root, token) as ask:
        try:
            worker.work(ask, stopped)
        except (OSError, http.client.HTTPException):
            if not stopped.is_set():
                raise


def write_until_killed(server: Server, token: str, workers, until) -> None:
    """Kill a server that workers write to, as soon as `until` gives back."""
    stopped = threading.Event()
    with ThreadPoolExecutor(len(workers)) as pool:
        try:
            working = [pool.submit(work, worker, server.root, token, stopped) for worker in workers]
            until()
        finally:
            stopped.set()
            server.kill()
        for each in working:
            each.result()


def all_left(store: Store) -> bool:
    """Whether nobody else is connected: PostgreSQL ends what a killed client has begun, before it looks for it."""
    if store.is_sqlite:
        return True
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with store.engine.connect() as connection:
        return connection.execute(text(others)).scalar() == 0


def writing(store: Store) -> bool:
    """Whether somebody is in the midst of writing, at this moment."""
    if not store.is_sqlite:
        locks = "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        ours = f"{locks} WHERE locktype = 'advisory' AND granted AND datname = current_database()"
        with store.engine.connect() as connection:
            return connection.execute(text(ours)).scalar() > 0
    with closing(sqlite3.connect(store.url.database, timeout=0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
    return False


def test_whatever_moment_a_server_is_killed_at_what_it_acknowledged_is_there_and_nothing_is_half_there(
    databases, tmp_path
):
    url = databases.new("empty")
    store, chance = Store(url), random.Random(1)
    token = key(store)
    editors, importer = [Editor("anna"), Editor("boris")], Importer()
    stored: dict[tuple[str, str], str] = {}
    for round_ in range(KILLS if store.is_sqlite else max(KILLS * 3 // 10, 3)):
        store.close()
        server = Server(url, tmp_path)
        try:
            with of_server(server.root, token) as ask:
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
                wait_until(lambda: writing(store), every=0.001)
                time.sleep(chance.uniform(0, longest))

        write_until_killed(server, token, workers, moment)
        wait_until(lambda: all_left(store))
        assert_sound(store)
        stored = on_record(store)
        for worker in (*editors, importer):
            worker.check(stored)
    assert any(editor.written for editor in editors)
    store.close()
