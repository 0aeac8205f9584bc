"""Profile of a cold request: the functions that take the most time, in a process of its own."""

from __future__ import annotations

import cProfile
import json
import os
import pstats
import sys
import typing
from collections import defaultdict
from pathlib import Path

from werkzeug.test import EnvironBuilder

from api.app import create_app

if typing.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_ROOT = Path(__file__).parents[2]
_WARM_UP = 50
_ROWS = 12


def profile(paths: list[str]) -> dict[str, object]:
    """Return calls and microseconds per request, the parts of the code, and the functions with the most own time.

    A part has its name and its share of the time. A function has its calls per request, too.
    """
    app = create_app()
    environs = []
    for path in paths:
        url, _, query = path.partition("?")
        environs.append(EnvironBuilder(url, None, query).get_environ())
    statuses: list[str] = []

    def respond(environ: WSGIEnvironment) -> None:
        b"".join(app.wsgi_app(environ, lambda status, *_: statuses.append(status)))

    for environ in environs[:_WARM_UP]:
        respond(environ)
    measured = environs[_WARM_UP:]
    profiler = cProfile.Profile()
    with profiler:
        for environ in measured:
            respond(environ)
    if set(statuses) != {"200 OK"}:
        raise ValueError(f"The requests returned {sorted(set(statuses))}.")
    stats = pstats.Stats(profiler)
    app.extensions["onrecord"].close()
    entries = sorted(stats.stats.items(), key=lambda item: item[1][2], reverse=True)  # type: ignore[attr-defined]
    total = stats.total_tt  # type: ignore[attr-defined]
    calls = stats.total_calls  # type: ignore[attr-defined]
    shares: dict[str, float] = defaultdict(float)
    for function, values in stats.stats.items():  # type: ignore[attr-defined]
        shares[_part(*function)] += values[2] / total
    return {
        "parts": sorted(shares.items(), key=lambda part: -part[1]),
        "calls": calls / len(measured),
        "microseconds": total / len(measured) * 1e6,
        "functions": [
            (_name(*function), values[1] / len(measured), values[2] / total) for function, values in entries[:_ROWS]
        ],
    }


def _part(file: str, _line: int, function: str) -> str:
    """Return the part of the code that a function belongs to.

    >>> _part("~", 0, "<method 'execute' of 'sqlite3.Connection' objects>"), _part("~", 0, "<built-in method len>")
    ('SQLite', 'built-in functions')
    >>> _part(f"{_ROOT}/api/store/read.py", 1, "page"), _part("/lib/site-packages/flask/app.py", 1, "wsgi_app")
    ('api.store', 'flask')
    """
    if file == "~":
        return "SQLite" if "sqlite3" in function else "built-in functions"
    name = _name(file, 0, "").removesuffix(".")
    own = name.startswith("api.") and name.count(".") > 1
    return ".".join(name.split(".")[:2]) if own else name.partition(".")[0]


def _name(file: str, _line: int, function: str) -> str:
    """Return a function with its module.

    >>> _name("~", 0, "<method 'execute' of 'sqlite3.Connection' objects>")
    "method 'execute' of 'sqlite3.Connection' objects"
    >>> _name(f"{_ROOT}/api/store/read.py", 1, "page"), _name("/lib/site-packages/flask/app.py", 1, "wsgi_app")
    ('api.store.read.page', 'flask.app.wsgi_app')
    """
    path = Path(file)
    if file == "~":
        return function.strip("<>")
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        module = path.relative_to(_ROOT)
    else:
        parts = path.parts
        last = max((index for index, part in enumerate(parts) if part in ("site-packages", "python3.11")), default=-3)
        module = Path(*parts[last + 1 :])
    return f"{'.'.join(module.with_suffix('').parts)}.{function}"


if __name__ == "__main__":
    os.environ.setdefault("ONRECORD_CACHE", "off")
    print(json.dumps(profile(json.load(sys.stdin))))
