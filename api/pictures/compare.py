"""The picture of a comparison: by cell, a bar for what each claimant allows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from api.comparison.compare import CONFLICTING, Compared, Entry
from api.comparison.words import counted, figure, numbers
from api.pictures import drawing

# More make a picture that nobody reads.
CELLS_DRAWN, ENTRIES_DRAWN = 40, 120
# A bar takes a line of words and the line below; a cell, a line more above and some air.
_ENTRY, _CELL = 2.0, 1.8
# Where the axis ends, and with it what has no upper end: so many times the highest number.
_OPEN = 2.0


def draw(compared: list[Compared], title: str) -> bytes:
    """The SVG of a comparison: open ends as arrows, what is withheld as an empty, hatched bar."""
    drawn = list(_drawn(compared))
    names = {entry.who: _name(entry) for each in reversed(drawn) for entry in each.entries}
    claimants = sorted(names, key=lambda who: (names[who], who))
    rows = sum(_CELL + _ENTRY * len(each.entries) for each in drawn)
    left_out = _left_out(compared, drawn)
    figure_, axes = drawing.canvas(max(rows, 2), len(claimants), title, left_out)
    figures = [entry.claim.document for each in drawn for entry in each.entries]
    most = max([count for report in figures for count in numbers(report)], default=1) or 1
    top = 0.0
    for each in drawn:
        axes.text(0, top + 1, _heading(each, 24), weight="bold", fontsize=10, va="bottom")
        top += _CELL
        for entry in each.entries:
            _bar(axes, entry, top, most, drawing.shade(claimants.index(entry.who)))
            top += _ENTRY
    if not drawn:
        axes.text(0.5, 0.5, "No claim matches.", transform=axes.transAxes, ha="center")
    # Figures of a village and of a war stand in one picture.
    axes.set_xscale("symlog", linthresh=10, linscale=0.5)
    axes.set_xlim(0, most * _OPEN)
    axes.set_ylim(max(top, 1), 0)
    axes.set_yticks([])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: drawing.number(value)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("people, as each claimant words it; nothing is added up")
    drawing.legend(figure_, [names[who] for who in claimants])
    told = [f"{_heading(each)}. {'; '.join(map(_said, each.entries))}." for each in drawn]
    return drawing.svg(figure_, title, " ".join([*told, left_out]).strip() or "No claim matches.")


def _left_out(compared: list[Compared], drawn: list[Compared]) -> str:
    """Return the sentence about the figures that are not drawn."""
    total, shown = (sum(len(each.entries) for each in cells) for cells in (compared, drawn))
    return drawing.omissions((total - shown, "more claimants' figures are not drawn"))


def _drawn(compared: list[Compared]) -> Iterator[Compared]:
    """The first cells, with their first entries."""
    room = ENTRIES_DRAWN
    for each in compared[:CELLS_DRAWN]:
        if room:
            yield replace(each, entries=each.entries[:room])
            room -= len(each.entries[:room])


def _heading(compared: Compared, longest: int = 300) -> str:
    conflict = " – conflicting" if compared.agreement == CONFLICTING else ""
    return f"{counted(compared.told, lambda name: drawing.shortened(name, longest))}{conflict}"


def _name(entry: Entry) -> str:
    return str(entry.claim.document["claimant"]["name"])


def _said(entry: Entry, longest: int = 300) -> str:
    perhaps = " (perhaps not yet by then)" if entry.certainty == "possible" else ""
    return f"{drawing.shortened(_name(entry), longest)}: {figure(entry.claim.document)}{perhaps}"


def _bar(axes: Axes, entry: Entry, top: float, most: int, shade: tuple[str, float, str]) -> None:
    colour, strength, _ = shade
    axes.text(0, top + 0.75, _said(entry, 44), fontsize=10, va="bottom")
    low, high, count = (entry.claim.document[name] for name in ("low", "high", "count"))
    middle, height = top + 1.2, 0.6
    if entry.withholds:
        axes.barh(middle, 5, height=height, facecolor="none", edgecolor=colour, hatch="///", linestyle="--")
        return
    if low is None and high is None:
        # Neither end is known: where a number is named, that is all there is to show.
        if count is not None:
            axes.plot([count], [middle], marker="D", color=colour, markersize=7)
        return
    left, right = (0 if low is None else low), (most * _OPEN * 0.94 if high is None else high)
    if left == right:
        axes.plot([left] * 2, [middle - height / 2, middle + height / 2], color=colour, linewidth=5, clip_on=False)
        return
    axes.barh(middle, right - left, left=left, height=height, **drawing.filled(colour, strength))
    if high is None:
        axes.plot([right], [middle], marker=">", color=colour, markersize=10, clip_on=False)
    if low is None:
        axes.plot([left], [middle], marker="<", color=colour, markersize=10, clip_on=False)
