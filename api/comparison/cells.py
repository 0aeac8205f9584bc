"""Cells: the combinations that casualty reports count. Only figures of one cell are compared.

A cell is a combination of conflict, place, affected parties, population, subgroups and harm. Different cells can count
some of the same people. Their relation and its reason are then part of the comparison.
"""

from __future__ import annotations

import hashlib
import heapq
import itertools
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import orjson

from api.comparison.claims import ComparableReport, Identity, grouped, identity, in_time
from api.text import fold
from schemas.casualty_report import Subgroup
from schemas.comparison import RELATED_MAX, CellRelation
from schemas.documents import PartyDocument


@dataclass(frozen=True)
class Cell:
    """A cell. `place` is folded. None and an empty `affected` mean not stated.

    `article_id` is set if the article does not state a conflict, because two such articles can be about different ones.
    """

    conflict: str | None
    article_id: str | None
    place: str | None
    affected: frozenset[Identity]
    population: str
    harm: str
    # Empty means the whole population.
    subgroups: frozenset[str]

    @cached_property
    def id(self) -> str:
        """The id, a hash of the values. It is the same on every server."""
        key: list[typing.Any] = [self.conflict, self.article_id, self.place]
        key += [sorted(self.affected), self.population, self.harm]
        # Version 1.0 did not have subgroups, and ids of cells without subgroups must not change.
        key += [sorted(self.subgroups)] if self.subgroups else []
        return hashlib.sha256(orjson.dumps(key)).hexdigest()[:16]


@dataclass(frozen=True)
class CellLabel:
    """A cell with its place and parties as first printed."""

    cell: Cell
    place: str | None
    affected: tuple[PartyDocument, ...]

    @cached_property
    def party_names(self) -> str:
        return join_names([party["name"] for party in self.affected])


@dataclass(frozen=True)
class Relation:
    """The relation of a cell to another one, and its reason."""

    other: Cell
    relation: CellRelation
    reason: str


def cell_of(claim: ComparableReport) -> Cell:
    """Return the cell of a casualty report."""
    document = claim.document
    return Cell(
        conflict=claim.conflict,
        article_id=document["article_id"] if claim.conflict is None else None,
        place=None if document["place"] is None else fold(document["place"]),
        affected=frozenset(identity(party, document["article_id"]) for party in document["affected"]),
        population=document["population"],
        harm=document["harm"],
        subgroups=widest_subgroups(document["subgroups"]),
    )


def by_cell(claims: Iterable[ComparableReport]) -> dict[Cell, list[ComparableReport]]:
    """Group claims by cell, the earliest first."""
    return grouped(in_time(claims), cell_of)


def label(cell: Cell, claims: list[ComparableReport]) -> CellLabel:
    """Return a cell with the names in its first claim."""
    first = claims[0].document
    parties = {identity(party, first["article_id"]): party for party in first["affected"]}
    return CellLabel(cell, first["place"], tuple(parties.values()))


@dataclass(frozen=True)
class Related:
    """The number of cells related to a cell, and the first of them by id."""

    count: int
    first: list[Relation]


# An index key for any party. None means not stated.
_ANY = object()


class CellIndex:
    """An index of cells by the people that they count."""

    def __init__(self, cells: Mapping[Cell, list[ComparableReport]]):
        self._claims = cells
        # The labels of related cells, by number.
        self._labels: dict[int, CellLabel] = {}
        # Sorted by id, so that the first relations are the same in every process.
        self._cells = sorted(cells, key=lambda cell: cell.id)
        self._by_people: dict[tuple[typing.Any, ...], set[int]] = {}
        self._by_place: dict[str | None, set[int]] = {}
        self._by_sex: tuple[set[int], ...] = tuple(set() for _ in _SEXES)
        for number, cell in enumerate(self._cells):
            for numbers in _of_one_sex(cell, self._by_sex):
                numbers.add(number)
            for party in (_ANY, *(cell.affected or (None,))):
                key = (cell.conflict, cell.article_id, party, cell.population, cell.harm)
                self._by_people.setdefault(key, set()).add(number)
            self._by_place.setdefault(cell.place, set()).add(number)

    def related(self, one: CellLabel) -> Related:
        """Return the relations of a cell. Only the first RELATED_MAX relations are described."""
        cell = one.cell
        # A cell without a party can count people of any party, and one without a place can count people anywhere.
        parties = (*cell.affected, None) if cell.affected else (_ANY,)
        numbers: set[int] = set()
        for population, harm in itertools.product(
            _overlapping(cell.population, _POPULATIONS), _overlapping(cell.harm, _HARMS)
        ):
            for party in parties:
                numbers |= self._by_people.get((cell.conflict, cell.article_id, party, population, harm), set())
        if cell.place is not None:
            numbers = (numbers & self._by_place[cell.place]) | (numbers & self._by_place.get(None, set()))
        for others in _of_one_sex(cell, self._by_sex[::-1]):
            numbers -= others
        relations = []
        for number in heapq.nsmallest(RELATED_MAX + 1, numbers):
            other = self._label(number)
            if other.cell.id != cell.id:
                relations.append(_relation(one, other))
        return Related(len(numbers) - 1, relations[:RELATED_MAX])

    def _label(self, number: int) -> CellLabel:
        if number not in self._labels:
            cell = self._cells[number]
            self._labels[number] = label(cell, self._claims[cell])
        return self._labels[number]


def _of_one_sex(cell: Cell, numbers: tuple[set[int], ...]) -> list[set[int]]:
    """Return the set for the sex of all subgroups of a cell, or an empty list."""
    return [cells for sex, cells in zip(_SEXES, numbers, strict=True) if cell.subgroups and cell.subgroups <= sex]


def _overlapping(value: str, steps: Mapping[tuple[str, str], _Step]) -> Iterator[str]:
    """Yield a value of a vocabulary and the values that can include some of the same people."""
    yield value
    yield from (theirs for ours, theirs in steps if ours == value)


class _Step(typing.NamedTuple):
    """The relation of a cell to another one in one property. In the reason, "it" is the other cell."""

    relation: CellRelation
    reason: str


_HOLDING = frozenset({CellRelation.HOLDS, CellRelation.MAY_HOLD})
_WITHIN_ANOTHER = frozenset({CellRelation.PART_OF, CellRelation.MAY_BE_PART_OF})
_UNCERTAIN = frozenset({CellRelation.MAY_HOLD, CellRelation.MAY_BE_PART_OF, CellRelation.MAY_OVERLAP})


def _relation(one: CellLabel, other: CellLabel) -> Relation:
    """Return the relation of a cell to another one with possibly common people."""
    steps = [
        *_of_parties(one, other),
        *filter(None, [_POPULATIONS.get((one.cell.population, other.cell.population))]),
        *_of_subgroups(one.cell.subgroups, other.cell.subgroups),
        *filter(None, [_HARMS.get((one.cell.harm, other.cell.harm))]),
        *_of_places(one, other),
    ]
    relations = {step.relation for step in steps}
    if relations <= _HOLDING:
        relation = CellRelation.MAY_HOLD if relations & _UNCERTAIN else CellRelation.HOLDS
    elif relations <= _WITHIN_ANOTHER:
        relation = CellRelation.MAY_BE_PART_OF if relations & _UNCERTAIN else CellRelation.PART_OF
    else:
        relation = CellRelation.MAY_OVERLAP if relations & _UNCERTAIN else CellRelation.OVERLAPS
    reason = "; ".join(step.reason for step in steps)
    return Relation(other.cell, relation, f"{reason[0].upper()}{reason[1:]}.")


def _of_parties(one: CellLabel, other: CellLabel) -> Iterator[_Step]:
    ours, theirs = one.cell.affected, other.cell.affected
    if ours == theirs:
        return
    if not ours:
        yield _Step(CellRelation.MAY_HOLD, f"it is about {other.party_names}, and this cell does not state a party")
    elif not theirs:
        yield _Step(CellRelation.MAY_BE_PART_OF, "it does not state a party")
    elif ours > theirs:
        yield _Step(CellRelation.HOLDS, f"it is about {other.party_names} alone, this about {one.party_names}")
    elif ours < theirs:
        yield _Step(CellRelation.PART_OF, f"it is about {other.party_names} together")
    else:
        yield _Step(CellRelation.OVERLAPS, f"it is about {other.party_names}, this about {one.party_names}")


def _of_subgroups(ours: frozenset[str], theirs: frozenset[str]) -> Iterator[_Step]:
    if ours == theirs:
        return
    if not ours:
        yield _Step(CellRelation.HOLDS, f"it counts only {people_of(theirs)}")
    elif not theirs:
        yield _Step(CellRelation.PART_OF, f"it is not limited to {people_of(ours)}")
    elif _contains(ours, theirs):
        yield _Step(CellRelation.HOLDS, f"it counts only {people_of(theirs)}, this {people_of(ours)}")
    elif _contains(theirs, ours):
        yield _Step(CellRelation.PART_OF, f"it counts {people_of(theirs)}, this only {people_of(ours)}")
    else:
        yield _Step(
            CellRelation.MAY_OVERLAP, f"it counts {people_of(theirs)}, this {people_of(ours)}; a person can be both"
        )


def _contains(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Return whether each of their subgroups is one of ours or within one of ours."""
    return all(word in ours or _WITHIN.get(word) in ours for word in theirs)


def widest_subgroups(words: Iterable[str]) -> frozenset[str]:
    """Return the subgroups without those within another one: "children and girls" are children."""
    distinct = frozenset(words)
    return frozenset(word for word in distinct if _WITHIN.get(word) not in distinct)


def _of_places(one: CellLabel, other: CellLabel) -> Iterator[_Step]:
    if one.cell.place == other.cell.place:
        return
    if one.cell.place is None:
        yield _Step(CellRelation.MAY_HOLD, f"it is about {other.place}, and this cell does not state a place")
    else:
        yield _Step(CellRelation.MAY_BE_PART_OF, "it does not state a place")


# Only containments that are true by definition.
_WITHIN = dict.fromkeys(("infants", "girls", "boys"), "children")
_SEXES = (frozenset({"women", "girls"}), frozenset({"men", "boys"}))
POPULATION_NAMES = {
    "civilian": "civilians",
    "combatant": "combatants",
    "all": "civilians and combatants",
    "unspecified": "people",
}


def _steps(*rows: tuple[str, str, CellRelation, str]) -> dict[tuple[str, str], _Step]:
    """Return the steps of rows by the values of both cells. "{}" in a reason is the name of the other cell's value."""
    return {
        (ours, theirs): _Step(relation, reason.format(POPULATION_NAMES.get(theirs, theirs)))
        for all_ours, all_theirs, relation, reason in rows
        for ours, theirs in itertools.product(all_ours.split(), all_theirs.split())
    }


# The relations by the values of both cells. Values without an entry have no people in common.
_UNSTATED = "it counts {}, and this cell does not state the population"
_POPULATIONS = _steps(
    ("unspecified", "civilian combatant all", CellRelation.MAY_HOLD, _UNSTATED),
    ("civilian combatant all", "unspecified", CellRelation.MAY_BE_PART_OF, "it does not state the population"),
    ("all", "civilian combatant", CellRelation.HOLDS, "it counts {} alone"),
    ("civilian combatant", "all", CellRelation.PART_OF, "it counts civilians and combatants together"),
)
_HARMS = _steps(
    ("casualties", "killed injured", CellRelation.HOLDS, "it counts the {} alone, this killed and wounded together"),
    ("killed injured", "casualties", CellRelation.PART_OF, "it counts killed and wounded together"),
)
# In the order of English phrases: "women and children".
_SUBGROUP_NAMES = {
    word: word.replace("_", " ") for word in ("men", "women", "boys", "girls", "children", "infants", *Subgroup)
} | {"un_staff": "UN staff"}


def people_of(subgroups: Iterable[str]) -> str:
    """Return the names of subgroups as an English list.

    >>> people_of({"children", "older_people", "women"})
    'women, children and older people'
    """
    return join_names([name for subgroup, name in _SUBGROUP_NAMES.items() if subgroup in set(subgroups)])


def join_names(names: list[str]) -> str:
    """Join names as an English list.

    >>> join_names(["Armenia", "Azerbaijan", "Russia"])
    'Armenia, Azerbaijan and Russia'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
