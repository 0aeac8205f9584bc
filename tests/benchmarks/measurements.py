"""The measurements of a run: rates of requests, of imports and of exports, memory, disk and the start."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
import typing
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import orjson

from tests.benchmarks import data, load, peer_database
from tests.benchmarks.contenders import BIN, CONTENDERS, ONRECORD, Contender, PageQuery, Record
from tests.benchmarks.servers import LOAD_CORE, SERVER_CORE, Connection, Failed, Server, pinned, running
from tests.benchmarks.workloads import CLAIMANTS, COLLECTION, LAST_DAYS, WORKLOADS, Stored, Workload
from tests.support.live_server import environment

# Values by name, one for each round.
Values = defaultdict[str, list[float]]
Profile = dict[str, typing.Any]
Say = Callable[[str], None]

_EXPORT = f"{COLLECTION}/export?format=ndjson"
_WARM_UP = 100
_DEEP_URLS = 4000
_REPEATED_FACETS = 5
_PROFILED = 300
_ROOT = Path(__file__).parents[2]

# Reads the documents in the order of an export. SQL puts a document together from its parts, so its SQL is used.
_SQLITE_ALONE = """
import sqlite3, sys, time
from sqlalchemy import select
from sqlalchemy.dialects import sqlite
from api.store.tables import claim
statement = select(claim.c.document).where(claim.c.type == "casualty_report")
ordered = statement.order_by(claim.c.on_record_from.desc(), claim.c.id.desc())
query = str(ordered.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
connection = sqlite3.connect(sys.argv[1])
begin = time.perf_counter()
rows = sum(1 for _ in connection.execute(query))
print(rows / (time.perf_counter() - begin))
"""


@dataclass(frozen=True)
class Size:
    """Size of a run: claims, rounds, seconds of each load, and lines of each repeated import."""

    claims: int
    rounds: int
    seconds: int
    lines: int


def build(folder: Path, size: Size, values: Values, say: Say) -> Stored:
    """Import the claims, and write the databases and the responses of the peers from an export of them."""
    lines = data.write(size.claims, folder / "import.ndjson")
    say(f"importing {lines:,} lines")
    _run([str(BIN / "onrecord"), "db", "upgrade"], folder)
    begin = time.perf_counter()
    _run([str(BIN / "onrecord"), "import", str(folder / "import.ndjson")], folder)
    values["import/whole"].append(lines / (time.perf_counter() - begin))
    size_of_files = sum(file.stat().st_size for file in folder.glob("onrecord.db*"))
    values["disk"].append(size_of_files / size.claims / 1000)
    say("writing the databases of the peers")
    with running(ONRECORD, folder, "/readyz") as server, server.connected() as connection:
        for limit in (20, 100):
            body = connection.expect(ONRECORD.page(PageQuery(CLAIMANTS[0], limit=limit))).body
            (folder / f"page-{limit}.json").write_bytes(body)
        with (folder / "documents.ndjson").open("wb") as output:
            output.writelines(connection.read_to_end(_EXPORT))
        half = size.claims // 40
        deep = list(islice(_next_pages(connection), half, half + _DEEP_URLS))
    with (folder / "documents.ndjson").open("rb") as lines_of_export:
        documents = {orjson.loads(line)["id"]: line for line in lines_of_export}
    if len(documents) != size.claims:
        raise Failed(f"The export has {len(documents):,} claims, not {size.claims:,}.")
    ids = [claim["id"] for _, claims in data.articles(size.claims) for claim in claims]
    # In the order of the import. In the order of the export, the rows of a page would be next to each other.
    peer_database.write((documents[id_] for id_ in ids), folder / "peers.db")
    inspect = ("inspect", str(folder / "peers.db"), "--inspect-file", str(folder / "counts.json"))
    _run([str(BIN / "datasette"), *inspect], folder)
    random.Random(data.SEED).shuffle(ids)
    return Stored(ids, deep)


def _next_pages(connection: Connection) -> Iterator[str]:
    """Yield the paths of the second and all further pages of all claims."""
    path: str | None = f"{COLLECTION}?fields=id"
    while path is not None:
        following = orjson.loads(connection.expect(path).body)["page"]["next"]
        path = following and "{0.path}?{0.query}".format(urlsplit(following))
        if path is not None:
            yield path.replace("fields=id&", "").replace("&fields=id", "")


def _run(command: Sequence[str], folder: Path, *, text: str | None = None, seconds: int = 1800) -> str:
    """Run a command on both cores to its end, and return its output. Raises Failed for another status than 0."""
    done = subprocess.run(
        ["taskset", "--cpu-list", f"{SERVER_CORE},{LOAD_CORE}", *command],
        env=environment(database_url=f"sqlite:///{folder}/onrecord.db"),
        cwd=_ROOT,
        input=text,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{' '.join(command)[:200]} failed: {done.stderr[-2000:]}")
    return done.stdout


def check_same_records(folder: Path, stored: Stored) -> None:
    """Raise Failed if a server returns other records than the export has, or in another order."""
    documents: dict[str, Record] = {}
    of_claimant: dict[str, list[str]] = defaultdict(list)
    with (folder / "documents.ndjson").open("rb") as lines:
        for document in map(orjson.loads, lines):
            documents[document["id"]] = document
            of_claimant[document["claimant"]["name"]].append(document["id"])
    days = (None, LAST_DAYS[len(LAST_DAYS) // 2])
    for contender in CONTENDERS:
        queries = [PageQuery(name, day, limit) for name in CLAIMANTS for day in days for limit in (20, 100)]
        if not contender.is_filtering:
            queries = [PageQuery(CLAIMANTS[0], None, limit) for limit in (20, 100)]
        first = contender.item(stored.ids[0])
        with running(contender, folder, first) as server, server.connected() as connection:
            for id_ in stored.ids[:50]:
                _compare_items(contender, orjson.loads(connection.expect(contender.item(id_)).body), documents[id_])
            for query in queries:
                ids = [
                    id_
                    for id_ in of_claimant[query.claimant]
                    if query.until is None or documents[id_]["on_record"]["earliest"] <= query.until
                ]
                page = contender.records(orjson.loads(connection.expect(contender.page(query)).body))
                if [record["id"] for record in page] != ids[: query.limit]:
                    raise Failed(f"{contender.title} returns other claims for {contender.page(query)}.")
                for record in page:
                    _compare_items(contender, record, documents[record["id"]])


def _compare_items(contender: Contender, actual: typing.Any, document: Record) -> None:
    # Datasette returns an item as a list of one row. Its rows also have the columns for filters.
    record = actual["rows"][0] if "rows" in actual else actual
    if (fields := {name: record.get(name) for name in document}) != document:
        different = next(name for name in document if fields[name] != document[name])
        raise Failed(f"{contender.title} returns another {different} of {document['id']}: {fields[different]!r}")


def measure_round(folder: Path, stored: Stored, size: Size, values: Values, say: Say) -> None:
    """Start each server in turn, and send it the requests of its workloads."""
    for contender in CONTENDERS:
        first = "/readyz" if contender is ONRECORD else contender.item(stored.ids[0])
        with running(contender, folder, first) as server:
            values[f"{contender.name}/start"].append(server.start_seconds)
            for workload in WORKLOADS:
                if contender in workload.contenders:
                    run, size_ = _load(server, workload, folder, stored, size.seconds)
                    values[f"{contender.name}/{workload.name}/size"].append(size_)
                    say(f"{contender.title}: {workload.title}: {run.rate:,.0f}")
                    for name in ("rate", "p50", "p99"):
                        values[f"{contender.name}/{workload.name}/{name}"].append(getattr(run, name))
            values[f"{contender.name}/memory"].append(server.memory())


def _load(server: Server, workload: Workload, folder: Path, stored: Stored, seconds: int) -> tuple[load.Run, float]:
    """Warm the server up and measure a workload. In a cold one, the warm-up has other URLs.

    Return the result, and the mean number of bytes of the bodies in the warm-up.
    """
    with server.connected() as connection:
        requests = workload.requests(server.contender, stored, connection)
        warm_up, measured = (requests * 3, requests) if workload.hot else _split(requests)
        bodies = [
            connection.expect(path, workload.status, {"If-None-Match": etag} if etag else None).body
            for path, etag in warm_up
        ]
    options = {"connections": workload.connections, "seconds": seconds, "once": not workload.hot}
    return load.run(server.port, measured, folder, **options), statistics.mean(map(len, bodies))


def _split(requests: list[load.Request]) -> tuple[list[load.Request], list[load.Request]]:
    count = min(_WARM_UP, len(requests) // 10)
    return requests[:count], requests[count:]


def measure_imports(folder: Path, size: Size, values: Values, say: Say) -> None:
    """Measure an import, two without the checks of its evidence, the schemas alone, and parsing with `json`."""
    for mode in ("parse", "load", "ungrounded_alone", "ungrounded", "import"):
        command = [sys.executable, "-m", "tests.benchmarks.import_rates", mode]
        result = json.loads(_run([*command, str(folder / "import.ndjson"), str(size.lines)], folder))
        values[f"import/{mode}"].append(result["lines"] / result["seconds"])
        for name in ("processor", "locked"):
            values[f"import/{mode}/{name}"].append(result[name] / result["lines"] * 1e6)
        say(f"import, {mode}: {result['lines'] / result['seconds']:,.0f} lines a second")


def measure_export(folder: Path, size: Size, values: Values, say: Say) -> None:
    """Measure an export and its memory, and the same rows read by sqlite3 alone."""
    with running(ONRECORD, folder, "/readyz") as server, server.connected() as connection:
        connection.expect(f"{COLLECTION}?limit=1")
        idle, peak, ended = server.memory(), 0.0, threading.Event()

        def watch() -> None:
            nonlocal peak
            while not ended.wait(0.02):
                peak = max(peak, server.memory())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            # The first one is the warm-up.
            for _ in range(2):
                begin = time.perf_counter()
                lines = sum(chunk.count(b"\n") for chunk in connection.read_to_end(_EXPORT))
                seconds = time.perf_counter() - begin
        finally:
            ended.set()
            watcher.join()
    if lines != size.claims:
        raise Failed(f"The export has {lines:,} lines, not {size.claims:,}.")
    values["export/onrecord"].append(lines / seconds)
    values["export/memory"].append(peak - idle)
    command = [sys.executable, "-c", _SQLITE_ALONE, str(folder / "onrecord.db")]
    done = subprocess.run(pinned(SERVER_CORE, command), capture_output=True, text=True, timeout=300, check=True)
    values["export/sqlite3"].append(float(done.stdout))
    say(f"export: {lines / seconds:,.0f} claims a second, sqlite3 alone: {float(done.stdout):,.0f}")


def measure_facets(folder: Path, values: Values) -> None:
    """Measure the milliseconds of a response with each facet of all claims. No URL is requested twice."""
    names = facet_names()
    with running(ONRECORD, folder, "/readyz") as server, server.connected() as connection:
        for limit in range(1, _REPEATED_FACETS + 2):
            for name in names:
                path = f"{COLLECTION}?{urlencode({'facets': name, 'fields': 'id', 'limit': limit})}"
                begin = time.perf_counter()
                connection.expect(path)
                # The first request of each facet builds its statement.
                if limit > 1:
                    values[f"facet/{name}"].append((time.perf_counter() - begin) * 1e3)


def facet_names() -> list[str]:
    """Return the facets of casualty reports."""
    document = orjson.loads((_ROOT / "schemas/contract/v1/openapi.json").read_bytes())
    parameters = document["paths"][COLLECTION]["get"]["parameters"]
    resolved = [
        document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter
        for parameter in parameters
    ]
    (facets,) = [parameter for parameter in resolved if parameter["name"] == "facets"]
    return typing.cast("list[str]", facets["schema"]["items"]["enum"])


def profiles(folder: Path, stored: Stored) -> dict[str, Profile]:
    """Return the profiles of an item and of a page of 20."""
    pages = [ONRECORD.page(PageQuery(claimant, day)) for day in LAST_DAYS[-_PROFILED:] for claimant in CLAIMANTS[:1]]
    items = [ONRECORD.item(id_) for id_ in stored.ids[:_PROFILED]]
    command = [sys.executable, "-m", "tests.benchmarks.profiling"]
    return {
        name: json.loads(_run(command, folder, text=json.dumps(paths)))
        for name, paths in (("an item", items), ("a page of 20", pages))
    }


def stick_to_load_core() -> None:
    """Run this process, which reads exports and sends the warm-up, on the load core."""
    os.sched_setaffinity(0, {LOAD_CORE})
