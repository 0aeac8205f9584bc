"""Over several servers and processes, no response is older than an acknowledged write."""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from urllib.parse import urlsplit

import orjson
import pytest

from tests.support.generated_records import article, resolution
from tests.support.live_server import ONRECORD, environment, free_port, run_server
from tests.support.writers import (
    MERGE_PATCH,
    create_key,
    put,
    run_concurrently,
    running_server,
    server_client,
    wait_until,
)

pytestmark = pytest.mark.slow

RECORDS, READERS, WRITES = 3, 6, int(os.environ.get("INCREMENTS", "20"))


class Reader:
    """A client without a key that reads from several servers, each time over a new connection."""

    def __init__(self, roots, acknowledged):
        self.hosts = [urlsplit(root).netloc for root in roots]
        self.acknowledged = acknowledged
        # By path, the ETag of the last response and its numbers by record.
        self.last = {}
        self.stale = []

    def read(self, path, numbers):
        """Read a path, and compare the numbers in its response with the writes that were acknowledged before it."""
        required = dict(self.acknowledged)
        tag, known = self.last.get(path, (None, None))
        conditional = tag is not None and random.random() < 0.5
        connection = http.client.HTTPConnection(random.choice(self.hosts), timeout=60)
        connection.request("GET", path, headers={"If-None-Match": tag} if conditional else {})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        assert response.status in ((200, 304) if conditional else (200,)), body
        seen = known if response.status == 304 else numbers(orjson.loads(body))
        self.last[path] = response.headers["ETag"], seen
        self.stale += [
            (path, response.status, id_, number, required[id_])
            for id_, number in seen.items()
            if number < required[id_]
        ]

    def read_all(self):
        for id_ in self.acknowledged:
            self.read(f"/v1/resolutions/{id_}", lambda record: {record["id"]: int(record["topic"])})
        self.read("/v1/resolutions?limit=200", lambda page: {one["id"]: int(one["topic"]) for one in page["data"]})
        self.read("/v1/changes?limit=200&type=resolution", newest)


def repeats(root):
    """Return whether a server has repeated responses to equal requests."""
    for _ in range(20):
        assert status(f"{root}/v1/resolutions") == 200
    with urllib.request.urlopen(f"{root}/metrics", timeout=60) as response:
        ((_, count),) = [line.split() for line in response if line.startswith(b"onrecord_repeated_responses_total")]
    return float(count) > 0


def newest(feed):
    """Return the number of each record in its last change."""
    return {change["id"]: int(change["document"]["topic"]) for change in feed["data"]}


def test_no_response_is_older_than_an_acknowledged_write(app, store, tmp_path):
    token, url = create_key(store), app.config["ONRECORD"].database_url
    acknowledged, writing = {}, threading.Event()
    writing.set()
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
    with ExitStack() as opened:
        roots = [opened.enter_context(running_server(url, folder, workers=2)) for folder in folders]
        clients = [opened.enter_context(server_client(random.choice(roots), token)) for _ in range(RECORDS)]
        for number in range(RECORDS):
            article_id = f"article-{number}"
            assert put(clients[0], f"/v1/articles/{article_id}", article(article_id)).status == 201
            record = resolution(f"counter-{number}", article_id, topic="0")
            assert put(clients[0], f"/v1/resolutions/{record['id']}", record).status == 201
            acknowledged[record["id"]] = 0

        def write(id_, ask):
            for number in range(1, WRITES + 1):
                body = orjson.dumps({"topic": str(number)})
                response = ask("PATCH", f"/v1/resolutions/{id_}", body, Content_Type=MERGE_PATCH, If_Match="*")
                assert response.status == 200, response.body
                acknowledged[id_] = number
                # Meanwhile, responses are stored and repeated.
                time.sleep(random.uniform(0, 0.1))

        def read(reader):
            while writing.is_set():
                reader.read_all()
            reader.read_all()

        assert all(repeats(root) for root in roots)
        readers = [Reader(roots, acknowledged) for _ in range(READERS)]
        threads = [threading.Thread(target=read, args=(reader,)) for reader in readers]
        for thread in threads:
            thread.start()
        try:
            run_concurrently([lambda pair=pair: write(*pair) for pair in zip(acknowledged, clients, strict=True)])
        finally:
            writing.clear()
            for thread in threads:
                thread.join()
    assert [reader.stale for reader in readers] == [[]] * READERS
    assert all(numbers == dict.fromkeys(numbers, WRITES) for reader in readers for _, numbers in reader.last.values())


def test_while_nobody_reads_stderr_the_event_loop_still_responds(app, tmp_path):
    port = free_port()
    env = environment(database_url=app.config["ONRECORD"].database_url, rate_limit="")
    process = subprocess.Popen(
        [*ONRECORD, "serve", "--port", str(port)],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    reading = threading.Thread(target=process.stderr.read, daemon=True)
    try:
        root = f"http://127.0.0.1:{port}"
        wait_until(lambda: status(f"{root}/healthz") == 200, every=0.1)
        responses = []

        def read():
            while status(f"{root}/v1/claims", seconds=5) == 200:
                responses.append(200)

        # Lines of a page of the log fill the pipe. Then each thread of the app waits for the reader.
        run_concurrently([read] * 8)
        assert len(responses) > 100
        assert status(f"{root}/healthz") == 200
        reading.start()
        wait_until(lambda: status(f"{root}/v1/claims") == 200, every=0.1)
    finally:
        process.terminate()
        process.wait(60)
        reading.join()
        process.stderr.close()


def test_behind_a_proxy_a_repeated_response_is_charged_to_the_client(app, tmp_path):
    port, log = free_port(), tmp_path / "log"
    env = environment(database_url=app.config["ONRECORD"].database_url, rate_limit="3/day", trusted_proxies="1")
    with run_server([*ONRECORD, "serve", "--port", str(port)], tmp_path, port, env, log) as root:
        for client in ("192.0.2.1", "192.0.2.2"):
            headers = {"X-Forwarded-For": client}
            assert [status(f"{root}/v1/claims", headers=headers) for _ in range(4)] == [200, 200, 200, 429]


def status(url, *, seconds=30, headers=None):
    """Return the status of a response, or None without one."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=seconds) as response:
            response.read()
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
