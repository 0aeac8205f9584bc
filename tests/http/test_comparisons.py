"""Comparisons and series over HTTP: for the seed, for the demo, and for generated data with known results."""

from __future__ import annotations

import os
from importlib import resources

import orjson
import pytest

from api.comparison.cells import CellIndex, by_cell, label
from api.comparison.claims import ComparableClaim
from api.comparison.compare import Comparison
from api.comparison.phrasing import phrase_cell
from api.comparison.series import series, step
from api.comparison.timeline import dated
from api.store.imports import import_lines
from tests.conftest import borrowed
from tests.support.conflict_generator import CONFLICT, dispute, truces
from tests.support.generated_records import article, casualty_report

COMPARE, SERIES = "/v1/casualty-reports/compare", "/v1/casualty-reports/series"
TIMELINE = "/v1/ceasefires/timeline"
DEMO = resources.files("fixtures") / "demo"


@pytest.fixture(scope="module")
def demo(databases):
    """Return a client of an app with the demo."""
    with borrowed(databases, "empty") as app:
        files = [DEMO / f"{name}.ndjson" for name in ("articles", "quotes", "ceasefires", "resolutions")]
        sources = [(file.name, file.read_bytes().splitlines()) for file in (*files, DEMO / "casualty-reports.ndjson")]
        assert not import_lines(app.extensions["onrecord"], sources).rejected_lines
        yield app.test_client()


def by_claim(comparison):
    """Return the cells of a comparison by the ids of their claims."""
    return {tuple(entry["claim"]["id"] for entry in cell["entries"]): cell for cell in comparison["cells"]}


def test_the_seed_has_six_cells_one_withheld_and_nothing_conflicting(seeded):
    comparison = seeded.get(f"{COMPARE}?conflict=nagorno-karabakh").json
    cells = by_claim(comparison)
    assert (comparison["claims"], len(cells)) == (6, 6)
    assert {cell["agreement"] for cell in cells.values()} == {"single"}
    assert [id_ for (id_,), cell in cells.items() if cell["entries"][0]["withholds"]] == [
        "azerbaijan-military-undisclosed"
    ]
    bounds = {id_: (cell["bounds"]["low"], cell["bounds"]["high"]) for (id_,), cell in cells.items()}
    assert bounds == {
        "armenia-soldiers-killed": (1166, 1166),
        "armenia-civilians-killed": (45, 45),
        "azerbaijan-civilians-killed": (91, 91),
        "azerbaijan-military-undisclosed": (None, None),
        "russia-both-sides": (None, 5000),
        "toll-surpassed-1000": (1001, None),
    }


def test_figures_over_both_sides_are_related_to_those_of_each_side(seeded):
    cells = by_claim(seeded.get(f"{COMPARE}?conflict=nagorno-karabakh").json)
    names = {cell["cell"]["id"]: id_ for (id_,), cell in cells.items()}
    related = {
        id_: {names[item["cell"]]: item["relation"] for item in cell["related"]} for (id_,), cell in cells.items()
    }
    own = ("armenia-soldiers-killed", "armenia-civilians-killed", "azerbaijan-civilians-killed")
    withheld = "azerbaijan-military-undisclosed"
    assert related["russia-both-sides"] == {
        **dict.fromkeys(own, "may_hold"),
        withheld: "may_overlap",
        "toll-surpassed-1000": "may_be_part_of",
    }
    assert related["toll-surpassed-1000"] == {
        **dict.fromkeys(own, "may_hold"),
        withheld: "may_overlap",
        "russia-both-sides": "may_hold",
    }
    for id_ in own:
        assert related[id_] == dict.fromkeys(("russia-both-sides", "toll-surpassed-1000"), "may_be_part_of")
    (reason,) = [
        item["reason"]
        for item in cells["armenia-soldiers-killed",]["related"]
        if names[item["cell"]] == "russia-both-sides"
    ]
    assert reason == "It is about Armenia and Azerbaijan together; it does not state the population."


def test_the_demo_has_the_conflict_that_was_planted(demo):
    comparison = demo.get(f"{COMPARE}?conflict=quillon-valley&harm=killed&affected=Morvane").json
    (cell,) = [cell for cell in comparison["cells"] if len(cell["entries"]) > 1]
    said = {entry["claim"]["claimant"]["name"]: (entry["claim"]["id"], entry["earlier"]) for entry in cell["entries"]}
    assert said == {
        "Kestria's army": ("demo-morvane-soldiers-killed-kestria", 0),
        # Withheld figures, those of the first week, and reprints of the same day come first.
        "Morvane": ("demo-morvane-soldiers-killed-morvane", 3),
        "the Valley Monitor": ("demo-morvane-soldiers-killed-monitor", 0),
    }
    assert (cell["agreement"], cell["bounds"]) == ("conflicting", {"low": 80, "high": None})
    assert cell["conflicts"] == [["demo-morvane-soldiers-killed-kestria", "demo-morvane-soldiers-killed-morvane"]]


def test_on_record_filters_comparisons_by_day(demo):
    def morvane(at):
        comparison = demo.get(f"{COMPARE}?conflict=quillon-valley&harm=killed&claimant=Morvane&at={at}").json
        return [(entry["claim"]["id"], entry["certainty"]) for cell in comparison["cells"] for entry in cell["entries"]]

    assert morvane("2031-03-06") == []
    assert morvane("2031-03-08") == [("demo-morvane-soldiers-withheld", "certain")]
    assert morvane("2031-03") == [("demo-morvane-soldiers-killed-morvane", "certain")]


def test_an_imprecise_date_is_possibly_on_record(client, store):
    lines = [
        article("the-article", conflict="hill-war"),
        casualty_report("of-may", "the-article", as_of="2031-05"),
        casualty_report("of-no-day", "the-article", place="elsewhere"),
    ]
    assert not import_lines(store, [("lines", map(orjson.dumps, lines))]).rejected_lines

    def seen(at):
        cells = client.get(f"{COMPARE}?conflict=hill-war&at={at}").json["cells"]
        return {entry["claim"]["id"]: entry["certainty"] for cell in cells for entry in cell["entries"]}

    assert seen("2031-04-30") == {"of-no-day": "possible"}
    assert seen("2031-05-10") == {"of-may": "possible", "of-no-day": "possible"}
    assert seen("2031-05-31") == seen("2031") == {"of-may": "certain", "of-no-day": "possible"}


# `make soak` has 10,000.
DISPUTED = int(os.environ.get("CLAIMS_DISPUTED", "2500"))


@pytest.fixture(scope="module")
def disputed(databases):
    """Return a client of an app with thousands of claims, and the expected results."""
    records, truth = dispute(DISPUTED * 4 // 5)
    claims, known_truces = truces(DISPUTED // 5)
    with borrowed(databases, "empty") as app:
        report = import_lines(app.extensions["onrecord"], [("lines", map(orjson.dumps, [*records, *claims]))])
        assert not report.rejected_lines, report.rejected_lines[:3]
        yield app.test_client(), truth, known_truces


def named(cell):
    """Return the generator's name of a cell."""
    sides = tuple(sorted({"Norland": 0, "Südmark": 1}[party["name"]] for party in cell["affected"]))
    return cell["place"], sides, cell["population"], cell["harm"]


def walk(client, path):
    """Yield the pages of a view, following `next` as an app does."""
    while path:
        page = client.get(path).json
        yield page
        path = page["page"]["next"] and page["page"]["next"].removeprefix("http://127.0.0.1:8000")


@pytest.mark.slow
def test_every_cell_of_thousands_of_claims_has_the_expected_result(disputed):
    client, truth, _ = disputed
    pages = list(walk(client, f"{COMPARE}?conflict={CONFLICT}"))
    assert {page["claims"] for page in pages} == {DISPUTED * 4 // 5}
    compared = [cell for page in pages for cell in page["cells"]]
    cells = {named(cell["cell"]): cell for cell in compared}
    assert len(cells) == len(compared)
    assert cells.keys() == truth.keys()
    for name, cell in cells.items():
        expected = truth[name]
        entries = {entry["claim"]["claimant"]["same_as"]: entry for entry in cell["entries"]}
        assert {who: entry["claim"]["id"] for who, entry in entries.items()} == expected.latest
        assert {who: entry["earlier"] for who, entry in entries.items()} == expected.earlier
        assert cell["agreement"] == expected.agreement
        figures = [figure for figure in expected.figures.values() if figure is not None]
        assert cell["bounds"] == {"low": min(figures, default=None), "high": max(figures, default=None)}
        conflicts = {frozenset(pair) for pair in cell["conflicts"]}
        assert cell["conflicts_count"] == len(conflicts)
        assert conflicts == {frozenset(expected.latest[who] for who in pair) for pair in expected.conflicts}


@pytest.mark.slow
def test_every_cell_of_thousands_of_claims_has_a_series_of_all_its_claims(disputed):
    client, truth, _ = disputed
    comparison = client.get(f"{COMPARE}?conflict={CONFLICT}").json
    for cell in comparison["cells"][::40]:
        series = client.get(cell["series"].removeprefix("http://127.0.0.1:8000")).json
        assert series["cell"] == cell["cell"]
        said = {
            line["claimant"]["same_as"]: [point["claim_id"] for point in line["points"]] for line in series["lines"]
        }
        expected = truth[named(cell["cell"])].order
        assert {who: sorted(ids) for who, ids in said.items()} == expected
        assert {who: ids[-1] for who, ids in said.items()} == truth[named(cell["cell"])].latest
        for line in series["lines"]:
            days = [point["on_record"]["latest"] for point in line["points"]]
            assert days == sorted(days)


@pytest.mark.slow
def test_every_ceasefire_of_a_long_timeline_has_the_expected_result(disputed):
    client, _, truth = disputed
    timeline = client.get(f"{TIMELINE}?conflict={CONFLICT}").json

    def events(actual):
        days = [event["date"]["earliest"] for event in actual]
        assert days == sorted(days)
        return {
            (event["status"], event["date"]["earliest"]): {claim["id"] for claim in event["claims"]} for event in actual
        }

    assert {item["ceasefire"]: events(item["events"]) for item in timeline["ceasefires"]} == truth.named
    assert (events(timeline["unnamed"]), events(timeline["aggregate"])) == (truth.unnamed, truth.aggregate)
    counts = timeline["counts"]
    assert (counts["claims"], counts["named"]) == (DISPUTED // 5, 40)
    by_article = {item["article_id"]: (item["claims"], item["ceasefires"]) for item in counts["by_article"]}
    assert by_article == truth.by_article


def test_a_figure_that_is_disclosed_later_is_a_step_of_the_series(demo):
    cell = next(
        cell["cell"]["id"]
        for ids, cell in by_claim(demo.get(f"{COMPARE}?conflict=quillon-valley").json).items()
        if "demo-morvane-soldiers-killed-monitor" in ids
    )
    series = demo.get(f"{SERIES}?conflict=quillon-valley&cell={cell}").json
    (line,) = [line for line in series["lines"] if line["claimant"]["name"] == "Morvane"]
    steps = [(point["claim_id"].removeprefix("demo-morvane-soldiers-"), point["step"]) for point in line["points"]]
    assert steps == [
        ("withheld", "first"),
        ("killed-first-week", "disclosed"),
        ("killed-again", "raised"),
        ("killed-morvane", "same"),
    ]


def test_a_toll_that_grows_is_raised_step_by_step(demo):
    series = demo.get(
        f"{SERIES}?conflict=quillon-valley&harm=killed&population=civilian&affected=Kestria&claimant_kind=government"
    ).json
    (line,) = series["lines"]
    assert [point["count"] for point in line["points"]] == [23, 41, 67, 91]
    assert [point["step"] for point in line["points"]] == ["first", "raised", "raised", "raised"]


def test_a_series_of_several_cells_is_rejected_with_the_url_of_each(seeded):
    rejected = seeded.get(f"{SERIES}?conflict=nagorno-karabakh")
    assert (rejected.status_code, rejected.json["code"], len(rejected.json["errors"])) == (422, "invalid-parameters", 6)
    claims = []
    for error in rejected.json["errors"]:
        series = seeded.get(error["address"].removeprefix("http://127.0.0.1:8000"))
        assert series.status_code == 200
        claims += [point["claim_id"] for line in series.json["lines"] for point in line["points"]]
    assert sorted(claims) == sorted(claim["id"] for claim in seeded.get("/v1/casualty-reports").json["data"])


def test_a_series_of_nothing_has_no_lines(seeded):
    assert seeded.get(f"{SERIES}?conflict=there-is-none").json == {"cell": None, "lines": []}


@pytest.mark.parametrize("path", [COMPARE, SERIES, TIMELINE])
def test_a_view_needs_a_conflict_or_an_article(seeded, path):
    rejected = seeded.get(path)
    assert (rejected.status_code, rejected.json["errors"][0]["parameter"]) == (422, "conflict")
    assert seeded.get(f"{path}?article_id=karabakh-2020-11-01&id=toll-surpassed-1000").status_code == 200


@pytest.mark.parametrize("parameter", ["limit=5", "sort=id", "cursor=x", "facets=harm", "total=exact", "at=x"])
def test_a_view_has_no_pages(seeded, parameter):
    rejected = seeded.get(f"{TIMELINE}?conflict=nagorno-karabakh&{parameter}")
    assert (rejected.status_code, rejected.json["errors"][0]["parameter"]) == (422, parameter.partition("=")[0])


def test_the_seed_has_two_claims_about_four_ceasefires_and_distinguishes_both(seeded):
    timeline = seeded.get(f"{TIMELINE}?conflict=nagorno-karabakh").json
    assert timeline["ceasefires"] == []
    assert [event["status"] for event in timeline["aggregate"]] == ["collapsed"]
    assert [event["date"]["earliest"] for event in timeline["unnamed"]] == ["1994-01-01"]
    counts = {"article_id": "karabakh-2020-11-01", "claims": 2, "ceasefires": 4}
    assert timeline["counts"] == {"claims": 2, "named": 0, "by_article": [counts]}


def test_the_ceasefires_of_the_demo_go_from_their_beginning_to_their_end(demo):
    timeline = demo.get(f"{TIMELINE}?conflict=quillon-valley").json
    events = {
        item["ceasefire"]: [(event["status"], event["date"]["earliest"]) for event in item["events"]]
        for item in timeline["ceasefires"]
    }
    assert list(events) == ["lantern-truce", "orchard-pause", "bridge-accord"]
    assert events["lantern-truce"] == [
        ("agreed", "2031-03-12"),
        ("extended", "2031-03-16"),
        ("violated", "2031-03-21"),
        ("violated", "2031-03-23"),
        ("collapsed", "2031-03-24"),
    ]
    accusations = [
        (claim["claimant"]["name"], [party["name"] for party in claim["accused"]])
        for event in timeline["ceasefires"][0]["events"]
        if event["status"] == "violated"
        for claim in event["claims"]
    ]
    assert accusations == [("Morvane", ["Kestria"]), ("Kestria", ["Morvane"])]
    held = [event for event in timeline["ceasefires"][2]["events"] if event["status"] == "held"]
    assert {claim["article_id"] for event in held for claim in event["claims"]} == {"demo-accord-holds", "demo-bericht"}
    assert [(claim["status"], claim["count"]) for event in timeline["aggregate"] for claim in event["claims"]] == [
        ("agreed", 3),
        ("collapsed", 2),
    ]
    assert timeline["counts"]["named"] == 3
    by_article = {item["article_id"]: item for item in timeline["counts"]["by_article"]}
    assert by_article["demo-bridge-accord"]["ceasefires"] == 1 + 3 + 2


def compare(claims, at=None):
    """Return the first cells of claims compared, as many as a page may have."""
    comparison = Comparison(claims, at)
    return list(comparison.read(range(len(comparison))))


def claim(id_, *, conflict="hill-war", article_id="the-article", days=("2031-05-01", "2031-05-01"), **more):
    """Return a casualty report as a comparable claim."""
    party = {"name": "Norland", "kind": "government", "country": "NOR", "title": None, "same_as": None}
    document = {
        "id": id_,
        "article_id": article_id,
        "claimant": party,
        "affected": [],
        "harm": "killed",
        "population": "civilian",
        "subgroups": [],
        "place": None,
        "count": 3,
        "qualifier": "exact",
        "wording": None,
        "low": 3,
        "high": 3,
        "since": "2031-05-01",
        "restates": None,
        "claimed_on": None,
        "on_record": dict(zip(("earliest", "latest", "basis"), (*days, "as_of"), strict=True)),
    }
    return ComparableClaim(document | more, conflict)


PARTY = {"name": "Norland", "kind": "government", "country": "NOR", "title": None, "same_as": None}
THIRD = PARTY | {"name": "Hills"}
NORLAND, OTHER = PARTY, PARTY | {"name": "Südmark", "country": "SWE"}
LINKED = PARTY | {"same_as": "https://parties.example/norland"}


@pytest.mark.parametrize(
    ("parties", "claimants"),
    [
        ([PARTY, PARTY | {"name": "NORLAND"}], 1),
        ([PARTY, PARTY | {"title": "the Kingdom"}], 1),
        ([PARTY, PARTY | {"kind": "armed_force"}], 2),
        ([PARTY, PARTY | {"country": None}], 2),
        ([LINKED, LINKED | {"name": "the Kingdom"}], 1),
        ([LINKED, PARTY], 2),
    ],
    ids=["folded", "titled", "another kind", "another country", "linked", "not linked"],
)
def test_parties_are_one_by_what_they_are_linked_to_or_by_name_kind_and_country(parties, claimants):
    (cell,) = compare([claim(f"claim-{number}", claimant=party) for number, party in enumerate(parties)])
    assert len(cell.entries) == claimants


def test_two_articles_that_speak_in_their_own_voice_are_two_claimants():
    own = PARTY | {"name": "the article", "kind": "article", "country": None}
    (cell,) = compare([claim("one", claimant=own), claim("two", claimant=own, article_id="another")])
    assert len(cell.entries) == 2


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({"low": 4, "high": 4}, True),
        ({"low": None, "high": 2}, True),
        ({"low": 4, "high": None}, True),
        ({"low": 3, "high": None}, False),
        ({"low": None, "high": None}, False),
        ({"low": 4, "high": 4, "since": "2031-05-02"}, False),
        ({"low": 4, "high": 4, "since": None}, False),
        ({"low": 4, "high": 4, "since": "2031-05-01?"}, True),
        ({"low": 4, "high": 4, "since": "2031-05"}, True),
        ({"low": 4, "high": 4, "since": "2031-06"}, False),
    ],
    ids=[
        "apart",
        "below",
        "above",
        "touching",
        "unbounded",
        "another since",
        "unknown since",
        "doubted since",
        "less precise since",
        "another imprecise since",
    ],
)
def test_two_conflict_only_where_they_count_since_the_same_day_and_no_figure_suits_both(other, expected):
    one, two = claim("one"), claim("two", claimant=OTHER, **other)
    for said in ([one, two], [two, one]):
        (cell,) = compare(said)
        assert (cell.agreement == "conflicting", cell.conflicts_count) == (expected, expected)
        assert [(low.id, high.id) for low, high in cell.conflicts] == [("one", "two")] * expected


@pytest.mark.parametrize(
    ("ours", "theirs", "relation", "back"),
    [
        ({"affected": [NORLAND, OTHER]}, {"affected": [NORLAND]}, "holds", "part_of"),
        ({"affected": []}, {"affected": [NORLAND]}, "may_hold", "may_be_part_of"),
        ({"affected": [NORLAND]}, {"affected": [OTHER]}, None, None),
        ({"population": "all"}, {}, "holds", "part_of"),
        ({"population": "unspecified"}, {}, "may_hold", "may_be_part_of"),
        ({"population": "combatant"}, {}, None, None),
        ({"harm": "casualties"}, {}, "holds", "part_of"),
        ({"harm": "missing"}, {}, None, None),
        ({"harm": "injured"}, {}, None, None),
        ({"place": None}, {"place": "Quill"}, "may_hold", "may_be_part_of"),
        ({"place": "Ambry"}, {"place": "Quill"}, None, None),
        ({"harm": "casualties", "place": "Quill"}, {"place": None}, "may_overlap", "may_overlap"),
        ({"affected": [NORLAND, OTHER]}, {"affected": [NORLAND, THIRD]}, "overlaps", "overlaps"),
        ({"affected": [NORLAND]}, {"place": "Quill"}, "may_overlap", "may_overlap"),
        ({"population": "all", "affected": []}, {"affected": [NORLAND]}, "may_hold", "may_be_part_of"),
        ({}, {"subgroups": ["children"]}, "holds", "part_of"),
        ({"subgroups": ["women", "children"]}, {"subgroups": ["children"]}, "holds", "part_of"),
        ({"subgroups": ["children"]}, {"subgroups": ["girls", "infants"]}, "holds", "part_of"),
        ({"subgroups": ["women", "children"]}, {"subgroups": ["women", "boys"]}, "holds", "part_of"),
        ({"subgroups": ["children"]}, {"subgroups": ["women"]}, "may_overlap", "may_overlap"),
        ({"subgroups": ["journalists"]}, {"subgroups": ["women", "men"]}, "may_overlap", "may_overlap"),
        ({"subgroups": ["women", "girls"]}, {"subgroups": ["men"]}, None, None),
        ({"population": "all"}, {"subgroups": ["children"]}, "holds", "part_of"),
        ({"population": "unspecified"}, {"subgroups": ["children"]}, "may_hold", "may_be_part_of"),
        ({"population": "combatant"}, {"subgroups": ["children"]}, None, None),
        ({"harm": "casualties"}, {"subgroups": ["children"]}, "holds", "part_of"),
        ({"place": None}, {"place": "Quill", "subgroups": ["children"]}, "may_hold", "may_be_part_of"),
        ({"subgroups": ["children"]}, {"population": "all"}, "part_of", "holds"),
        ({"subgroups": ["children"], "population": "all"}, {}, "overlaps", "overlaps"),
    ],
)
def test_cells_that_hold_or_may_hold_one_another_are_related(ours, theirs, relation, back):
    claims = [claim("one", **ours), claim("two", **theirs)]
    cells = by_cell(claims)
    index = CellIndex(cells)
    actual = {cell: index.related(label(cell, same)).first for cell, same in cells.items()}
    one, two = cells
    if claims[0].document["harm"] != one.harm or one == next(iter(by_cell(claims[1:]))):
        one, two = two, one
    assert [item.relation for item in actual[one]] == [relation] * (relation is not None)
    assert [item.relation for item in actual[two]] == [back] * (back is not None)


def test_a_subgroup_is_a_cell_of_its_own_and_its_order_does_not_count():
    whole = claim("whole", count=40, low=40, high=40)
    dead = {"count": 9, "low": 9, "high": 9}
    one, two = (
        claim(id_, claimant=party, subgroups=subgroups, **dead)
        for id_, party, subgroups in (
            ("one", NORLAND, ["women", "children"]),
            ("two", OTHER, ["children", "women", "girls"]),
        )
    )
    both, alone = compare([whole, one, two])
    assert ([entry.claim.id for entry in both.entries], alone.entries[0].claim.id) == (["one", "two"], "whole")
    assert both.label.cell.subgroups == {"women", "children"}
    assert (both.agreement, alone.agreement) == ("compatible", "single")
    (related,) = both.related.first
    assert (related.relation, related.reason) == ("part_of", "It is not limited to women and children.")
    assert [item.reason for item in alone.related.first] == ["It counts only women and children."]


def test_a_cell_without_subgroups_has_the_id_that_version_1_0_0_gave_it():
    (cell,) = by_cell([claim("one", affected=[NORLAND], place="Quill")])
    assert cell.id == "cbe62bc9236df254"


@pytest.mark.parametrize(
    ("more", "phrase"),
    [
        ({"affected": [NORLAND]}, "Killed: civilians (Norland)"),
        (
            {"population": "all", "affected": [THIRD], "place": "Quill"},
            "Killed: civilians and combatants (Hills), Quill",
        ),
        ({"population": "unspecified"}, "Killed: people (party not stated)"),
        ({"subgroups": ["children"], "affected": [NORLAND]}, "Killed: children among civilians (Norland)"),
        (
            {"subgroups": ["children", "women"], "population": "unspecified", "affected": [NORLAND, OTHER]},
            "Killed: women and children (Norland and Südmark)",
        ),
        (
            {"subgroups": ["un_staff", "older_people", "men"], "population": "all", "place": "Quill"},
            "Killed: men, older people and UN staff among civilians and combatants (party not stated), Quill",
        ),
    ],
)
def test_a_cell_has_a_label(more, phrase):
    ((cell, claims),) = by_cell([claim("one", **more)]).items()
    assert phrase_cell(label(cell, claims)) == phrase


def test_cells_of_different_conflicts_are_not_related():
    cells = compare([claim("one", population="all"), claim("two", conflict="lake-war")])
    assert [(cell.related.count, cell.related.first) for cell in cells] == [(0, []), (0, [])]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ({"qualifier": "undisclosed", "count": None}, {}, "disclosed"),
        ({}, {"qualifier": "undisclosed", "count": None}, "withheld"),
        ({}, {"count": 4, "low": 4, "high": 4}, "raised"),
        ({}, {"count": 2, "low": 2, "high": 2}, "lowered"),
        ({}, {}, "same"),
        ({}, {"qualifier": "at_least", "high": None}, "reworded"),
        (
            {"qualifier": "range", "count": None, "low": 10, "high": 15},
            {"qualifier": "vague", "count": None, "low": None, "high": None, "wording": "heavy losses"},
            "reworded",
        ),
    ],
)
def test_a_step_names_its_change(before, now, expected):
    assert step(claim("one", **before).document, claim("two", **now).document) == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((12, 12), (10, 15), "reworded"),
        ((10, 15), (12, 12), "reworded"),
        ((10, 15), (10, 20), "raised"),
        ((67, None), (91, 91), "raised"),
        ((None, 400), (None, 300), "lowered"),
        ((100, 100), (None, 5000), "reworded"),
        ((80, None), (80, None), "reworded"),
    ],
)
def test_a_figure_is_raised_only_where_no_end_goes_the_other_way(before, now, expected):
    one, two = (
        claim("one", qualifier=qualifier, count=None, low=low, high=high)
        for qualifier, (low, high) in (("at_least", before), ("range", now))
    )
    assert step(one.document, two.document) == expected


def test_a_restatement_is_neither_the_latest_claim_nor_a_step():
    first = claim("first", days=("2031-05-01", "2031-05-01"), count=10, low=10, high=10)
    second = claim("second", days=("2031-05-10", "2031-05-10"), count=20, low=20, high=20)
    again = claim("again", days=("2031-05-12", "2031-05-12"), count=10, low=10, high=10, restates="first")
    claims = [again, second, first]
    (cell,) = compare(claims)
    assert [(entry.claim.id, entry.earlier) for entry in cell.entries] == [("second", 2)]
    (actual,) = series(claims)
    assert [point.step for point in actual.lines[0].points] == ["first", "same", "raised"]


def test_a_possible_claim_does_not_hide_a_certain_one():
    certain = claim("certain", days=("2031-05-01", "2031-05-01"))
    vague = claim("vague", days=("2031-01-01", "2031-12-31"), count=500, low=500, high=500)
    other = claim("other", claimant=OTHER)
    (cell,) = compare([certain, vague, other], "2031-05-02")
    entry = next(entry for entry in cell.entries if entry.claim.id == "certain")
    assert (entry.certainty, [item.id for item in entry.perhaps], cell.agreement) == (
        "certain",
        ["vague"],
        "compatible",
    )


def test_articles_of_no_conflict_need_not_be_of_the_same():
    one, two = (ComparableClaim(claim("x").document | {"id": id_, "article_id": id_}, None) for id_ in ("one", "two"))
    assert [len(cell.entries) for cell in compare([one, two])] == [1, 1]


def test_a_cell_has_the_same_name_in_every_comparison():
    plain, linked = claim("plain", affected=[PARTY]), claim("linked", affected=[LINKED])
    (alone,) = compare([plain])
    assert alone.label.cell.id in {item.label.cell.id for item in compare([plain, linked])}


def test_the_status_of_a_ceasefire_is_dated_by_the_claim_and_not_by_the_agreement():
    fields = {"status": "collapsed", "ended_on": None, "on_record": AGREED, "claimed_on": "2031-05-15"}
    assert dated(ComparableClaim(fields, "hill-war")).earliest == "2031-05-15"
    printed = ComparableClaim(fields | {"claimed_on": None}, "hill-war", ("2031-05-16", "2031-05-16"))
    assert (dated(printed).earliest, dated(printed).basis) == ("2031-05-16", "published_on")
    assert dated(ComparableClaim(fields | {"status": "agreed", "agreed_on": None}, "hill-war")).earliest == "2031-05-01"


AGREED = {"earliest": "2031-05-01", "latest": "2031-05-01", "basis": "agreed_on"}


def test_a_conflict_has_ceasefires_of_its_own(client, store):
    lines = [article("one", conflict="hill-war"), article("two", conflict="lake-war")]
    truce = truces(1)[0][0] | {"ceasefire": "truce", "count": 1, "evidence": [{"exact": "1", "start": 0, "end": 1}]}
    lines += [truce | {"id": f"truce-{id_}", "article_id": id_} for id_ in ("one", "two")]
    assert not import_lines(store, [("lines", map(orjson.dumps, lines))]).rejected_lines
    timeline = client.get(f"{TIMELINE}?article_id=one&article_id=two").json
    assert [(item["conflict"], item["ceasefire"]) for item in timeline["ceasefires"]] == [
        ("hill-war", "truce"),
        ("lake-war", "truce"),
    ]
