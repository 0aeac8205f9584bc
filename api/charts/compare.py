"""The chart of a comparison: a bar for each claimant's figure, by cell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from api.charts import drawing
from api.comparison.compare import Compared, ComparedPeriod, Entry
from api.comparison.phrasing import figure, numbers, phrase_cell, phrase_period
from schemas.comparison import Agreement, Certainty

# Larger charts are not readable.
CELLS_DRAWN, ENTRIES_DRAWN = 40, 120
# The heights in lines of text. An entry has a line of text and a bar, and a heading has space above.
_ENTRY, _CELL, _PERIOD = 2.0, 1.8, 1.3
# The axis and unbounded figures end at this multiple of the highest number.
_OPEN = 2.0


def draw(cells: list[Compared], title: str, cells_left: int = 0) -> bytes:
    """Return the SVG of a page of a comparison: open ends as arrows, a withheld figure as an empty, hatched bar.

    `cells_left` is the number of cells on other pages.
    """
    drawn = list(_drawn(cells))
    periods = [period for cell in drawn for period in cell.periods]
    names = {entry.who: _name(entry) for period in reversed(periods) for entry in period.entries}
    claimants = sorted(names, key=lambda who: (names[who], who))
    entries = [entry for period in periods for entry in period.entries]
    rows = _CELL * len(drawn) + _PERIOD * len(periods) + _ENTRY * len(entries)
    left_out = drawing.omissions(
        (sum(len(cell.entries) for cell in cells) - len(entries), "more claimants' figures are not drawn"),
        (cells_left, "more cells are on other pages"),
    )
    figure_, axes = drawing.canvas(max(rows, 2), len(claimants), title, left_out)
    highest = max([count for entry in entries for count in numbers(entry.claim.document)], default=1) or 1
    top = 0.0
    for cell in drawn:
        axes.text(0, top + 1, _heading(cell, 24, room=76), weight="bold", fontsize=10, va="bottom")
        top += _CELL
        for period in cell.periods:
            axes.text(0, top + 0.5, _period(period), fontsize=10, va="bottom", style="italic")
            top += _PERIOD
            for entry in period.entries:
                _bar(axes, entry, top, highest, drawing.shade(claimants.index(entry.who)))
                top += _ENTRY
    # A chart can have very small and very large figures.
    axes.set_xscale("symlog", linthresh=10, linscale=0.5)
    axes.set_xlim(0, highest * _OPEN)
    drawing.end_rows(axes, top)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: drawing.number(value)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("people, as stated by each claimant; figures are never added up")
    drawing.legend(figure_, [names[who] for who in claimants])
    sentences = [
        f"{_heading(cell)}, {_period(period)}. {'; '.join(map(_phrase, period.entries))}."
        for cell in drawn
        for period in cell.periods
    ]
    return drawing.svg(figure_, title, [*sentences, left_out])


def _drawn(cells: list[Compared]) -> Iterator[Compared]:
    """Return the first cells, with their first entries."""
    room = ENTRIES_DRAWN
    for cell in cells[:CELLS_DRAWN]:
        periods = []
        for period in cell.periods:
            if room:
                periods.append(replace(period, entries=period.entries[:room]))
                room -= len(periods[-1].entries)
        if periods:
            yield replace(cell, periods=periods)


def _heading(cell: Compared, name_max: int = 300, room: int | None = None) -> str:
    """Return the heading of a cell, with names of at most `name_max` and in total `room` characters."""
    heading = phrase_cell(cell.label, lambda name: drawing.shortened(name, name_max))
    return heading if room is None or len(heading) <= room else drawing.shortened(heading, room)


def _period(period: ComparedPeriod) -> str:
    conflict = {Agreement.CONFLICTING: " – conflicting", Agreement.DIFFER_IN_DATE: " – figures of different dates"}
    return f"{phrase_period(period.period)}{conflict.get(period.agreement, '')}"


def _name(entry: Entry) -> str:
    return str(entry.claim.document["claimant"]["name"])


def _phrase(entry: Entry, name_max: int = 300) -> str:
    perhaps = " (possibly later)" if entry.certainty == Certainty.POSSIBLE else ""
    return f"{drawing.shortened(_name(entry), name_max)}: {figure(entry.claim.document)}{perhaps}"


def _bar(axes: Axes, entry: Entry, top: float, highest: int, shade: tuple[str, float, str]) -> None:
    colour, opacity, _ = shade
    axes.text(0, top + 0.75, _phrase(entry, 44), fontsize=10, va="bottom")
    report = entry.claim.document
    low, high, count = report["low"], report["high"], report["count"]
    middle, height = top + 1.3, 0.6
    if entry.claim.withholds:
        axes.barh(middle, 5, height=height, facecolor="none", edgecolor=colour, hatch="///", linestyle="--")
        return
    if low is None and high is None:
        # Without bounds, only the stated number can be shown.
        if count is not None:
            axes.plot([count], [middle], marker="D", color=colour, markersize=7)
        return
    left, right = (0 if low is None else low), (highest * _OPEN * 0.94 if high is None else high)
    if left == right:
        axes.plot([left] * 2, [middle - height / 2, middle + height / 2], color=colour, linewidth=5, clip_on=False)
        return
    axes.barh(middle, right - left, left=left, height=height, **drawing.filled(colour, opacity))
    if high is None:
        axes.plot([right], [middle], marker=">", color=colour, markersize=10, clip_on=False)
    if low is None:
        axes.plot([left], [middle], marker="<", color=colour, markersize=10, clip_on=False)
