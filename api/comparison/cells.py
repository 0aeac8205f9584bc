"""Cells: what a casualty report counts, so that only figures of the same are compared.

A cell is a conflict, a place, whose people, who of them, and what happened to them. Two claims of one cell count the
same; those of other cells may count some of the same people, and then it is said in which way.
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

from api.comparison.claims import ComparableClaim, Document, Identity, identity, in_time
from api.text import fold
from schemas.casualty_report import SUBGROUPS
from schemas.comparison import RELATED_MAX, RELATIONS

# A cell holds another: in part or whole, for sure or perhaps.
HOLDS, PART_OF, MAY_HOLD, MAY_BE_PART_OF, OVERLAPS, MAY_OVERLAP = RELATIONS


@dataclass(frozen=True)
class Cell:
    """What is counted; `place` is folded, and None or an empty `affected` is not stated.

    Where the article says of no conflict, `article_id` stands in its place: two such need not be of the same.
    """

    conflict: str | None
    article_id: str | None
    place: str | None
    affected: frozenset[Identity]
    population: str
    harm: str
    # Empty is the whole population, else people of any of these.
    subgroups: frozenset[str]

    @cached_property
    def id(self) -> str:
        """A name for it that is the same wherever and whenever the same is counted."""
        key: list[typing.Any] = [self.conflict, self.article_id, self.place]
        key += [sorted(self.affected), self.population, self.harm]
        # Version 1.0 had no subgroups: cells without any keep their ids.
        key += [sorted(self.subgroups)] if self.subgroups else []
        return hashlib.sha256(orjson.dumps(key)).hexdigest()[:16]


@dataclass(frozen=True)
class CellLabel:
    """A cell as people read it: its place and parties as they were printed first."""

    cell: Cell
    place: str | None
    affected: tuple[Document, ...]

    @property
    def whose(self) -> str:
        return listed([party["name"] for party in self.affected])


@dataclass(frozen=True)
class Relation:
    """That the cell which has this holds another or is part of it, and why."""

    other: Cell
    relation: str
    reason: str


def cell_of(claim: ComparableClaim) -> Cell:
    """The cell that a casualty report counts."""
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


def by_cell(claims: Iterable[ComparableClaim]) -> dict[Cell, list[ComparableClaim]]:
    """Claims by the cell that they count, the earliest first."""
    found: dict[Cell, list[ComparableClaim]] = {}
    for claim in in_time(claims):
        found.setdefault(cell_of(claim), []).append(claim)
    return found


def label(cell: Cell, claims: list[ComparableClaim]) -> CellLabel:
    """A cell in the words of its first claim."""
    first = claims[0].document
    seen = {identity(party, first["article_id"]): party for party in first["affected"]}
    return CellLabel(cell, first["place"], tuple(seen.values()))


@dataclass(frozen=True)
class Related:
    """The cells related to one cell: how many there are, and the first of them by id."""

    count: int
    first: list[Relation]


# Any party, as a key of the index; None is not stated.
_ANY = object()


class CellIndex:
    """Finds the cells that count, or may count, some of the same people as another one."""

    def __init__(self, cells: Mapping[Cell, list[ComparableClaim]]):
        self._claims = cells
        # By id, so that the first relations are the same in each process.
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
        """Return the relations of a cell; it takes a look-up for each, and words only for the first RELATED_MAX."""
        cell = one.cell
        # A cell that states no party may count people of any, and one that states no place may count in any.
        parties = (*cell.affected, None) if cell.affected else (_ANY,)
        numbers: set[int] = set()
        for population, harm in itertools.product(_near(cell.population, _POPULATIONS), _near(cell.harm, _HARMS)):
            for party in parties:
                numbers |= self._by_people.get((cell.conflict, cell.article_id, party, population, harm), set())
        if cell.place is not None:
            numbers = (numbers & self._by_place[cell.place]) | (numbers & self._by_place.get(None, set()))
        for others in _of_one_sex(cell, self._by_sex[::-1]):
            numbers -= others
        relations = []
        for number in heapq.nsmallest(RELATED_MAX + 1, numbers):
            other = self._cells[number]
            if other != cell:
                relations.append(_relation(one, label(other, self._claims[other])))
        return Related(len(numbers) - 1, relations[:RELATED_MAX])


def _of_one_sex(cell: Cell, numbers: tuple[set[int], ...]) -> list[set[int]]:
    """Return the set for the sex that all subgroups of a cell have, if there is one."""
    return [of for sex, of in zip(_SEXES, numbers, strict=True) if cell.subgroups and cell.subgroups <= sex]


def _near(word: str, steps: Mapping[tuple[str, str], _Step]) -> Iterator[str]:
    """Return a word of a vocabulary and those that may mean some of the same people."""
    yield word
    yield from (theirs for ours, theirs in steps if ours == word)


@dataclass(frozen=True)
class _Step:
    """How this cell is to the other one in one respect; the reason begins with the other cell."""

    relation: str
    reason: str


def _relation(one: CellLabel, other: CellLabel) -> Relation:
    """Return how two different cells, which may have people in common, are related."""
    steps = [
        *_of_parties(one, other),
        *filter(None, [_POPULATIONS.get((one.cell.population, other.cell.population))]),
        *_of_subgroups(one.cell.subgroups, other.cell.subgroups),
        *filter(None, [_HARMS.get((one.cell.harm, other.cell.harm))]),
        *_of_places(one, other),
    ]
    ways = {step.relation for step in steps}
    if ways <= {HOLDS, MAY_HOLD}:
        way = HOLDS if ways == {HOLDS} else MAY_HOLD
    elif ways <= {PART_OF, MAY_BE_PART_OF}:
        way = PART_OF if ways == {PART_OF} else MAY_BE_PART_OF
    else:
        way = MAY_OVERLAP if ways & {MAY_HOLD, MAY_BE_PART_OF, MAY_OVERLAP} else OVERLAPS
    reason = "; ".join(step.reason for step in steps)
    return Relation(other.cell, way, f"{reason[0].upper()}{reason[1:]}.")


def _of_parties(one: CellLabel, other: CellLabel) -> Iterator[_Step]:
    ours, theirs = one.cell.affected, other.cell.affected
    if ours == theirs:
        return
    if not ours:
        yield _Step(MAY_HOLD, f"it is about {other.whose}, and here it is not said whose people they were")
    elif not theirs:
        yield _Step(MAY_BE_PART_OF, "it does not say whose people they were")
    elif ours > theirs:
        yield _Step(HOLDS, f"it is about {other.whose} alone, this about {one.whose}")
    elif ours < theirs:
        yield _Step(PART_OF, f"it is about {other.whose} together")
    else:
        yield _Step(OVERLAPS, f"it is about {other.whose}, this about {one.whose}")


def _of_subgroups(ours: frozenset[str], theirs: frozenset[str]) -> Iterator[_Step]:
    if ours == theirs:
        return
    if not ours:
        yield _Step(HOLDS, f"it counts only {people_of(theirs)}")
    elif not theirs:
        yield _Step(PART_OF, f"it is not limited to {people_of(ours)}")
    elif _contains(ours, theirs):
        yield _Step(HOLDS, f"it counts only {people_of(theirs)}, this {people_of(ours)}")
    elif _contains(theirs, ours):
        yield _Step(PART_OF, f"it counts {people_of(theirs)}, this only {people_of(ours)}")
    else:
        yield _Step(MAY_OVERLAP, f"it counts {people_of(theirs)}, this {people_of(ours)}; a person can be both")


def _contains(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Return whether people of any of their subgroups are always people of one of ours."""
    return all(word in ours or _WITHIN.get(word) in ours for word in theirs)


def widest_subgroups(words: Iterable[str]) -> frozenset[str]:
    """Return the subgroups without those that lie within another of them: "children and girls" are children."""
    distinct = frozenset(words)
    return frozenset(word for word in distinct if _WITHIN.get(word) not in distinct)


def _of_places(one: CellLabel, other: CellLabel) -> Iterator[_Step]:
    if one.cell.place == other.cell.place:
        return
    if one.cell.place is None:
        yield _Step(MAY_HOLD, f"it is about {other.place}, and here no place is stated")
    else:
        yield _Step(MAY_BE_PART_OF, "it states no place")


# Only containments that hold by definition.
_WITHIN = dict.fromkeys(("infants", "girls", "boys"), "children")
_SEXES = (frozenset({"women", "girls"}), frozenset({"men", "boys"}))
WHO = {
    "civilian": "civilians",
    "combatant": "combatants",
    "all": "civilians and combatants",
    "unspecified": "people",
}
# How this cell is to the other one, by the words of both; words without an entry have nobody in common.
_POPULATIONS = {
    **{
        ("unspecified", theirs): _Step(MAY_HOLD, f"it counts {WHO[theirs]}, and here it is not said who they were")
        for theirs in WHO
        if theirs != "unspecified"
    },
    **{
        (ours, "unspecified"): _Step(MAY_BE_PART_OF, "it does not say who they were")
        for ours in WHO
        if ours != "unspecified"
    },
    **{("all", theirs): _Step(HOLDS, f"it counts {WHO[theirs]} alone") for theirs in ("civilian", "combatant")},
    **{
        (ours, "all"): _Step(PART_OF, "it counts civilians and combatants together")
        for ours in ("civilian", "combatant")
    },
}
_HARMS = {
    **{
        ("casualties", theirs): _Step(HOLDS, f"it counts the {theirs} alone, this killed and wounded together")
        for theirs in ("killed", "injured")
    },
    **{(ours, "casualties"): _Step(PART_OF, "it counts killed and wounded together") for ours in ("killed", "injured")},
}
# In the order of a sentence: "women and children".
_PEOPLE = {
    word: word.replace("_", " ") for word in ("men", "women", "boys", "girls", "children", "infants", *SUBGROUPS)
}
_PEOPLE["un_staff"] = "UN staff"


def people_of(subgroups: Iterable[str]) -> str:
    """Return subgroups as a sentence names them.

    >>> people_of({"children", "older_people", "women"})
    'women, children and older people'
    """
    return listed([name for word, name in _PEOPLE.items() if word in set(subgroups)])


def listed(names: list[str]) -> str:
    """Names as a sentence has them.

    >>> listed(["Armenia", "Azerbaijan", "Russia"])
    'Armenia, Azerbaijan and Russia'
    """
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
