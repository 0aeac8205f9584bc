"""Random histories: records of all types are created, changed, deleted, restored, imported and purged."""

from __future__ import annotations

import random
import typing
from collections import Counter

import orjson
from sqlalchemy import Table, select

from api.store import article_texts, errors, write
from api.store.database import Store
from api.store.errors import RecordRejected
from api.store.imports import import_lines
from api.store.purge import purge
from api.store.tables import article, claim
from tests.support.generated_records import DATES, PARTIES, Record
from tests.support.generated_records import article as an_article

# Each article begins with this text. Claims have spans of it.
TEXT = "Three people were killed, the Council said, and the truce of the hills was broken. Five were hurt."
WORDS = ("Three people were killed", "the Council said", "the truce of the hills", "Five were hurt")
INFERRED = {
    "quote": ["addressee", "claimant", "claimed_on", "via"],
    "ceasefire": ["accused", "agreed_on", "claimant", "claimed_on", "parties", "status", "via"],
    "resolution": ["addressee", "adopted_on", "claimant", "claimed_on", "symbols", "via"],
    "casualty_report": ["affected", "as_of", "claimant", "claimed_on", "harm", "population", "qualifier", "via"],
}
KINDS = tuple(INFERRED)


class History:
    """A random history of some articles and claims, the same for the same seed. `done` counts the operations."""

    def __init__(self, store: Store, seed: int, *, purges: float):
        self.store = store
        self.chance = random.Random(seed)
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.articles = [f"article-{number:02}" for number in range(24)]
        self.claims = [f"claim-{number:03}" for number in range(120)]
        self.acts = {
            self.put_article: 9,
            self.patch_article: 6,
            self.delete_article: 5,
            self.put_text: 4,
            self.delete_text: 3,
            self.put_claim: 40,
            self.patch_claim: 20,
            self.delete_claim: 13,
            self.import_lines: 0.4,
            self.purge: 100 * purges,
        }

    def step(self) -> None:
        """Do one operation, completely or, if it is rejected, not at all."""
        (act,) = self.chance.choices(list(self.acts), list(self.acts.values()))
        name = act.__name__
        try:
            act()
        except (RecordRejected, errors.NotFound, errors.Gone) as refusal:
            self.refused[f"{name}: {type(refusal).__name__}"] += 1
        else:
            self.done[name] += 1

    def put_article(self) -> None:
        self._put(self._article())

    def patch_article(self) -> None:
        patch = {
            "headline": f"News of {self._word()}",
            "published_on": self._date(),
            "conflict": self._conflict(),
            "publisher": self._word(),
        }
        self._patch("article", self._stored_id(article), self._some(patch))

    def delete_article(self) -> None:
        self._remove("article", self.chance.choice(self.articles[-8:]))

    def put_text(self) -> None:
        id_ = self.chance.choice(self.articles)
        article_texts.put(self.store, id_, lambda: text_of(id_), anything)

    def delete_text(self) -> None:
        article_texts.delete(self.store, self.chance.choice(self.articles), anything)

    def put_claim(self) -> None:
        self._put(self._claim(self.chance.choice(self.claims)))

    def patch_claim(self) -> None:
        id_ = self._stored_id(claim)
        patch = {
            "claimed_on": self._date(),
            "claimant": self.chance.choice(PARTIES),
            "via": self._parties(),
            "article_id": self._article_id(),
            "restates": self._restated(),
            "same_as": [f"https://elsewhere.example/{self.chance.randrange(9)}"],
        }
        self._patch(self._kind(id_), id_, self._some(patch))

    def delete_claim(self) -> None:
        id_ = self._stored_id(claim)
        self._remove(self._kind(id_), id_)

    def import_lines(self) -> None:
        lines = [self._article() for _ in range(self.chance.randrange(4))]
        ids = self.chance.sample(self.claims, self.chance.randrange(1, 15))
        lines += [self._claim(id_) for id_ in ids]
        self.chance.shuffle(lines)
        report = import_lines(self.store, [("lines", map(orjson.dumps, lines))], atomic=self.chance.random() < 0.3)
        if not report.stored:
            raise RecordRejected(("", "refused lines"))

    def purge(self) -> None:
        purge(self.store, [self.chance.choice(self.articles + 3 * self.claims)])

    def _put(self, record: Record) -> None:
        write.put(self.store, record["type"], record["id"], lambda: record, anything)

    def _patch(self, type_: str, id_: str, patch: Record) -> None:
        write.patch(self.store, type_, id_, lambda: patch, anything)

    def _remove(self, type_: str, id_: str) -> None:
        with self.store.writing() as connection:
            write.delete_record(connection, type_, id_, anything)

    def _article(self) -> Record:
        id_ = self.chance.choice(self.articles)
        more = {"published_on": self._date(), "conflict": self._conflict(), "publisher": self._word()}
        if self.chance.random() < 0.3:
            more["text"] = text_of(id_)
        return an_article(id_, **more)

    def _claim(self, id_: str) -> Record:
        kind = self._kind(id_)
        exact = self.chance.choice(WORDS)
        start = TEXT.index(exact)
        record: Record = {
            "type": kind,
            "id": id_,
            "article_id": self._article_id(),
            "claimant": self.chance.choice(PARTIES),
            "via": self._parties(),
            "claimed_on": self._date(),
            "restates": self._restated(),
            "evidence": [{"exact": exact, "start": start, "end": start + len(exact)}],
            "inferred": INFERRED[kind],
        }
        return record | getattr(self, f"_{kind}")(exact)

    def _quote(self, exact: str) -> Record:
        return {"mode": "indirect", "text": exact, "place": self._word(), "addressee": self.chance.choice(PARTIES)}

    def _ceasefire(self, exact: str) -> Record:
        status = self.chance.choice(("agreed", "violated", "ended"))
        return {"status": status, "parties": self._parties(), "agreed_on": self._date(), "accused": self._parties()}

    def _resolution(self, exact: str) -> Record:
        symbols = self.chance.choice(([], ["S/RES/822 (1993)"]))
        return {"organ": "un_security_council", "organ_name": exact, "symbols": symbols, "topic": self._word()}

    def _casualty_report(self, exact: str) -> Record:
        qualifier = self.chance.choice(("exact", "at_least", "undisclosed"))
        count = {"Three": 3, "Five": 5}.get(exact.split(maxsplit=1)[0]) if qualifier != "undisclosed" else None
        if count is None:
            qualifier = "undisclosed"
        harm = self.chance.choice(("killed", "injured"))
        more = {"harm": harm, "population": "all", "as_of": self._date(), "affected": self._parties()}
        return {"count": count, "qualifier": qualifier, "place": self._word(), **more}

    def _article_id(self) -> str:
        """Return an article for claims. The last eight never get claims, so they can be deleted."""
        return self.chance.choice(self.articles[:-8])

    def _stored_id(self, table: Table) -> str:
        """Return the id of a stored record. Without one, return any id."""
        with self.store.engine.connect() as connection:
            there = list(connection.execute(select(table.c.id).order_by(table.c.id)).scalars())
        return self.chance.choice(there or (self.articles if table is article else self.claims))

    def _kind(self, id_: str) -> str:
        """Return the kind of an id, and rarely a wrong one."""
        if self.chance.random() < 0.02:
            return self.chance.choice(KINDS)
        return KINDS[int(id_.rpartition("-")[2]) % len(KINDS)]

    def _restated(self) -> str | None:
        return self.chance.choice(self.claims) if self.chance.random() < 0.15 else None

    def _parties(self) -> list[Record]:
        return self.chance.sample(PARTIES, self.chance.randrange(3))

    def _date(self) -> str | None:
        return self.chance.choice(DATES)

    def _conflict(self) -> str | None:
        return self.chance.choice((None, "hill-war", "lake-war"))

    def _word(self) -> str:
        return f"word {self.chance.randrange(1000)}"

    def _some(self, fields: Record) -> Record:
        return {name: fields[name] for name in self.chance.sample(sorted(fields), self.chance.randrange(1, 3))}


def text_of(article_id: str) -> str:
    """Return the whole text of an article."""
    return f"{TEXT} This is {article_id}."


def anything(stored: typing.Any) -> None:
    """Accept any stored record, as a precondition."""
