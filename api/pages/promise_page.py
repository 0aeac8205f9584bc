"""The content of /contract: the promise of version 1, for people and programs."""

from __future__ import annotations

import typing

from api.http.versions import served_versions
from api.openapi.document import path_of
from api.promise import EXCEPTED_CHANGES, MAY, NEVER, VERSIONS, Clause


def content(root: str) -> dict[str, typing.Any]:
    """Return the clauses, the changes excepted from them and the meaning of each number of a version."""
    first = served_versions()[0]
    return {
        "version": first.semver,
        "openapi": f"{root}{path_of(first)}",
        "numbers": VERSIONS,
        "may_change": [_clause_content(clause, root) for clause in MAY],
        "never_changes": [_clause_content(clause, root) for clause in NEVER],
        "exceptions": [
            {
                "pointer": excepted.pointer,
                "since": excepted.since,
                "clause": excepted.clause,
                "text": excepted.reason,
            }
            for excepted in EXCEPTED_CHANGES
        ],
    }


def _clause_content(clause: Clause, root: str) -> dict[str, str]:
    advice = {"advice": clause.advice} if clause.advice else {}
    return {"code": clause.slug, "url": f"{root}/contract#{clause.slug}", "text": clause.text, **advice}
