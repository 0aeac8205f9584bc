"""Cells: what a casualty report counts, so that only figures of the same are compared.

A cell is a conflict, a place, whose people, who of them, and what happened to them. Two claims of one cell count the
same; those of other cells may count some of the same people, and then it is said in which way.
"""

from __future__ import annotations

import hashlib
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import orjson

from api.comparison.reported import Document, Identity, Reported, identity, in_time
from api.grounding.folding import fold
from schemas.casualty_report import SUBGROUPS
from schemas.comparison import RELATIONS

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
class Told:
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


def cell_of(claim: Reported) -> Cell:
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


def by_cell(claims: Iterable[Reported]) -> dict[Cell, list[Reported]]:
    """Claims by the cell that they count, the earliest first."""
    found: dict[Cell, list[Reported]] = {}
    for claim in in_time(claims):
        found.setdefault(cell_of(claim), []).append(claim)
    return found


def told(cell: Cell, claims: list[Reported]) -> Told:
    """A cell in the words of its first claim."""
    first = claims[0].document
    seen = {identity(party, first["article_id"]): party for party in first["affected"]}
    return Told(cell, first["place"], tuple(seen.values()))


def relations(cells: Iterable[Told]) -> dict[Cell, list[Relation]]:
    """How cells are related, by cell: those that hold, or may hold, some of the same people.

    Cells of one sort, which is all but the place, are held against those of another once, and only where the sorts
    have a party in common, or one of them says of none.
    """
    sorts: dict[tuple[typing.Any, ...], list[Told]] = {}
    for each in cells:
        cell = each.cell
        sort = (cell.conflict, cell.article_id, cell.affected, cell.population, cell.harm, cell.subgroups)
        sorts.setdefault(sort, []).append(each)
    found: dict[Cell, list[Relation]] = {}
    for ones, others in _in_common(list(sorts.values())):
        steps = [*_steps(ones[0], others[0])]
        if None in steps:
            continue
        by_place: dict[str | None, list[Told]] = {}
        for each in others:
            by_place.setdefault(each.cell.place, []).append(each)
        for each in ones:
            place = each.cell.place
            near = others if place is None else [*by_place.get(place, []), *by_place.get(None, [])]
            for next_ in near:
                if next_.cell != each.cell:
                    relation = _relation(next_, [*typing.cast("list[_Step]", steps), *_of_places(each, next_)])
                    found.setdefault(each.cell, []).append(relation)
    return found


def _in_common(sorts: list[list[Told]]) -> Iterator[tuple[list[Told], list[Told]]]:
    """The pairs of sorts that may have people in common."""
    about: dict[tuple[typing.Any, ...], list[int]] = {}
    for number, others in enumerate(sorts):
        cell = others[0].cell
        for party in cell.affected or (None,):
            about.setdefault((cell.conflict, cell.article_id, party), []).append(number)
        about.setdefault((cell.conflict, cell.article_id), []).append(number)
    for ones in sorts:
        cell = ones[0].cell
        key = (cell.conflict, cell.article_id)
        # Whoever says of no party may mean any.
        near = {number for party in (*cell.affected, None) for number in about.get((*key, party), ())}
        # In their own order: that of parties in a set is another in each process.
        for number in sorted(near) if cell.affected else about[key]:
            yield ones, sorts[number]


@dataclass(frozen=True)
class _Step:
    """How the one cell is to the other in one respect, in words that begin with what the other does."""

    relation: str
    reason: str


def _steps(one: Told, other: Told) -> Iterator[_Step | None]:
    """How two cells are to one another in all but the place; None where they have nobody in common."""
    yield from _of_parties(one, other)
    yield from _of_populations(one.cell.population, other.cell.population)
    yield from _of_subgroups(one.cell.subgroups, other.cell.subgroups)
    yield from _of_harms(one.cell.harm, other.cell.harm)


def _of_parties(one: Told, other: Told) -> Iterator[_Step | None]:
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
    elif ours & theirs:
        yield _Step(OVERLAPS, f"it is about {other.whose}, this about {one.whose}")
    else:
        yield None


def _of_populations(ours: str, theirs: str) -> Iterator[_Step | None]:
    if ours == theirs:
        return
    if ours == "unspecified":
        yield _Step(MAY_HOLD, f"it counts {WHO[theirs]}, and here it is not said who they were")
    elif theirs == "unspecified":
        yield _Step(MAY_BE_PART_OF, "it does not say who they were")
    elif ours == "all":
        yield _Step(HOLDS, f"it counts {WHO[theirs]} alone")
    elif theirs == "all":
        yield _Step(PART_OF, "it counts civilians and combatants together")
    else:
        yield None


def _of_subgroups(ours: frozenset[str], theirs: frozenset[str]) -> Iterator[_Step | None]:
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
    elif any(ours <= one and theirs <= other for one, other in (_SEXES, _SEXES[::-1])):
        yield None
    else:
        yield _Step(MAY_OVERLAP, f"it counts {people_of(theirs)}, this {people_of(ours)}; a person can be both")


def _contains(ours: frozenset[str], theirs: frozenset[str]) -> bool:
    """Return whether people of any of their subgroups are always people of one of ours."""
    return all(word in ours or _WITHIN.get(word) in ours for word in theirs)


def widest_subgroups(words: Iterable[str]) -> frozenset[str]:
    """Return the subgroups without those that lie within another of them: "children and girls" are children."""
    distinct = frozenset(words)
    return frozenset(word for word in distinct if _WITHIN.get(word) not in distinct)


def _of_harms(ours: str, theirs: str) -> Iterator[_Step | None]:
    if ours == theirs:
        return
    if ours == "casualties" and theirs in _CASUALTIES:
        yield _Step(HOLDS, f"it counts the {theirs} alone, this killed and wounded together")
    elif theirs == "casualties" and ours in _CASUALTIES:
        yield _Step(PART_OF, "it counts killed and wounded together")
    else:
        yield None


def _of_places(one: Told, other: Told) -> Iterator[_Step]:
    if one.cell.place == other.cell.place:
        return
    if one.cell.place is None:
        yield _Step(MAY_HOLD, f"it is about {other.place}, and here no place is stated")
    else:
        yield _Step(MAY_BE_PART_OF, "it states no place")


def _relation(other: Told, steps: list[_Step]) -> Relation:
    ways = {step.relation for step in steps}
    if ways <= {HOLDS, MAY_HOLD}:
        way = HOLDS if ways == {HOLDS} else MAY_HOLD
    elif ways <= {PART_OF, MAY_BE_PART_OF}:
        way = PART_OF if ways == {PART_OF} else MAY_BE_PART_OF
    else:
        way = MAY_OVERLAP if ways & {MAY_HOLD, MAY_BE_PART_OF, MAY_OVERLAP} else OVERLAPS
    reason = "; ".join(step.reason for step in steps)
    return Relation(other.cell, way, f"{reason[0].upper()}{reason[1:]}.")


_CASUALTIES = frozenset({"killed", "injured"})
# Only containments that hold by definition.
_WITHIN = dict.fromkeys(("infants", "girls", "boys"), "children")
_SEXES = (frozenset({"women", "girls"}), frozenset({"men", "boys"}))
WHO = {
    "civilian": "civilians",
    "combatant": "combatants",
    "all": "civilians and combatants",
    "unspecified": "people",
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
