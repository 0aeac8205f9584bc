"""The picture of a series: a line for each claimant over the days that its claims are on record."""

from __future__ import annotations

from datetime import date

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from api.comparison.reported import Reported
from api.comparison.series import Line, Series
from api.comparison.words import counted, figure, numbers
from api.pictures import drawing
from api.pictures.drawing import FAINT

_LINES_OF_TEXT = 16
# More make a picture that nobody reads.
LINES_DRAWN, POINTS_DRAWN = 14, 200


def draw(series: Series | None, title: str) -> bytes:
    """The SVG of a series: ranges as bars with arrows where they are open, what is withheld as crosses below zero."""
    lines = [] if series is None else series.lines[:LINES_DRAWN]
    figure_, axes = drawing.canvas(_LINES_OF_TEXT, len(lines), title if series is None else _heading(series))
    figures = [point.claim.document for line in lines for point in line.points]
    most = max([count for report in figures for count in numbers(report)], default=1) or 1
    withheld = False
    for index, line in enumerate(lines):
        withheld = _line(axes, line, most, drawing.shade(index)) or withheld
    if not lines:
        axes.text(0.5, 0.5, "No claim matches.", transform=axes.transAxes, ha="center")
    if withheld:
        axes.axhline(-0.1 * most, color=FAINT, linewidth=0.8, linestyle=":")
        axes.text(
            1, -0.1 * most, "withheld", transform=axes.get_yaxis_transform(), color=FAINT, va="bottom", ha="right"
        )
    axes.set_ylim(-0.2 * most if withheld else 0, most * 1.15)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: drawing.number(value) if value >= 0 else ""))
    axes.tick_params(axis="y", length=0, pad=-2)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")
    axes.grid(axis="y", color="#e5e5e5", linewidth=0.8)
    days = [day for line in lines for point in line.points if (ends := _days(point.claim)) for day in ends]
    margin = max((max(days) - min(days)) * 0.1, 1) if days else 1
    axes.set_xlim(min(days, default=0) - margin, max(days, default=0) + margin)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True) if days else NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: drawing.day(value)))
    drawing.legend(figure_, [line.claimant["name"] for line in lines], of_lines=True)
    return drawing.svg(figure_, title, describe(series))


def describe(series: Series | None) -> str:
    """What the picture shows, in words."""
    if series is None:
        return "No claim matches."
    lines = (
        f"{line.claimant['name']}: {'; '.join(f'{figure(p.claim.document)} ({_when(p.claim)})' for p in line.points)}."
        for line in series.lines[:LINES_DRAWN]
    )
    left = len(series.lines) - LINES_DRAWN
    more = f" {left} more claimants are not drawn." if left > 0 else ""
    return f"{_heading(series, 300)}. {' '.join(lines)}{more}"


def _heading(series: Series, longest: int = 24) -> str:
    return counted(series.told, lambda name: drawing.shortened(name, longest))


def _when(claim: Reported) -> str:
    days = claim.document["on_record"]
    earliest, latest = days["earliest"], days["latest"]
    if earliest == latest:
        return earliest or "undated"
    return f"{earliest or '…'} to {latest or '…'}"


def _line(axes: Axes, line: Line, most: int, shade: tuple[str, float, str]) -> bool:
    """Draw a line; gives back whether any of its points is withheld."""
    colour, _, marker = shade
    through: list[tuple[float, float]] = []
    withheld = False
    for point in line.points[-POINTS_DRAWN:]:
        document = point.claim.document
        ends = _days(point.claim)
        if ends is None:
            # Without a day it has no place on this axis; the description has it.
            continue
        # As they are ordered: by the last day that each can be of.
        when = ends[1]
        if document["qualifier"] == "undisclosed":
            axes.plot(ends, [-0.1 * most] * 2, color=colour, linewidth=2)
            axes.plot([when], [-0.1 * most], marker="x", color=colour, markersize=9, markeredgewidth=2)
            withheld = True
            continue
        low, high, count = (document[name] for name in ("low", "high", "count"))
        at = count if count is not None else low if low is not None else high
        if at is None:
            continue
        axes.plot(ends, [at] * 2, color=colour, linewidth=2)
        if high is None and low is not None:
            _arrow(axes, when, at, min(at + most * 0.13, most * 1.13), colour)
        elif low is None and high is not None:
            _arrow(axes, when, at, 0, colour)
        elif low is not None and high is not None and low != high:
            axes.plot([when, when], [low, high], color=colour, linewidth=6, alpha=0.5)
        through.append((when, at))
    axes.plot(
        [x for x, _ in through], [y for _, y in through], color=colour, marker=marker, markersize=7, linewidth=1.5
    )
    return withheld


def _arrow(axes: Axes, when: float, begin: float, end: float, colour: str) -> None:
    """An end that is open, or reaches to nothing."""
    axes.annotate("", (when, end), (when, begin), arrowprops={"arrowstyle": "->", "color": colour})


def _days(claim: Reported) -> tuple[int, int] | None:
    """The first and the last day of a claim, as numbers; None where it has neither."""
    days = claim.document["on_record"]
    first, last = days["earliest"] or days["latest"], days["latest"] or days["earliest"]
    return None if first is None else (date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())
