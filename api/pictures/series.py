"""The picture of a series: a line for each claimant over the days that its claims are on record."""

from __future__ import annotations

import typing
from collections.abc import Callable
from datetime import date
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from api.comparison.reported import Reported
from api.comparison.series import LOWERED, RAISED, SAME, Line, Point, Series
from api.comparison.words import counted, figure, numbers
from api.pictures import drawing
from api.pictures.drawing import FAINT

_LINES_OF_TEXT = 16
# More are not readable at this width.
LINES_MAX, POINTS_MAX = 14, 100

# Where withheld figures are drawn, and how long an arrow is, as shares of the highest number.
_WITHHELD, _ARROW = -0.1, 0.13


def draw(series: Series | None, title: str) -> bytes:
    """Return the SVG of a series: ranges as bars, open ends as arrows, withheld figures as crosses below zero."""
    if series is None:
        return _empty(title)
    lines = [(line, thinned(line.points, POINTS_MAX)) for line in series.lines[:LINES_MAX]]
    points = [point for _, thin in lines for point in thin]
    left_out = _left_out(series, points)
    figure_, axes = drawing.canvas(_LINES_OF_TEXT, len(lines), _heading(series), left_out)
    most = max((number for point in points for number in numbers(point.claim.document)), default=1) or 1
    for index, (_, thin) in enumerate(lines):
        _draw_line(axes, thin, most, drawing.shade(index))
    _draw_scale(axes, most, withheld=any(map(_withheld, points)))
    # On the left, there is room for the numbers of the other axis.
    drawing.time_axis(axes, [day for point in points for day in _days(point.claim) or ()], left=0.1)
    drawing.legend(figure_, [_label(line) for line, _ in lines], of_lines=True)
    told = [f"{_label(line)}: {'; '.join(map(_said, thin))}." for line, thin in lines]
    return drawing.svg(figure_, title, " ".join([f"{_heading(series, 300)}.", *told, left_out]).strip())


def _empty(title: str) -> bytes:
    """Return the SVG of a series without claims."""
    figure_, axes = drawing.canvas(_LINES_OF_TEXT, 0, title)
    axes.text(0.5, 0.5, "No claim matches.", transform=axes.transAxes, ha="center")
    axes.set_yticks([])
    drawing.time_axis(axes, [])
    return drawing.svg(figure_, title, "No claim matches.")


def _label(line: Line) -> str:
    """Return the text that names a line in the legend and in the description."""
    return str(line.claimant["name"])


def _heading(series: Series, longest: int = 24) -> str:
    return counted(series.told, lambda name: drawing.shortened(name, longest))


def _said(point: Point) -> str:
    """Return a figure and its date in words."""
    days = point.claim.document["on_record"]
    earliest, latest = days["earliest"], days["latest"]
    when = earliest or "undated" if earliest == latest else f"{earliest or '…'} to {latest or '…'}"
    return f"{figure(point.claim.document)} ({when})"


def _left_out(series: Series, points: list[Point]) -> str:
    """Return the sentences about the claimants and points that are not drawn."""
    total = sum(len(line.points) for line in series.lines[:LINES_MAX])
    return drawing.omissions(
        (len(series.lines) - LINES_MAX, "more claimants are not drawn"),
        (total - len(points), f"of {total:,} points are not shown"),
        (sum(not _drawable(point) for point in points), "points without a date or number are in the description only"),
    )


def thinned(points: list[Point], most: int) -> list[Point]:
    """Return at most so many points of a line: the first, the last, and those that best keep the form of the line.

    The turns of the line are kept first, then all steps, then points that repeat a figure. Of the first group that
    has too many, those that are kept are evenly spread.
    """
    steps = [index for index, point in enumerate(points) if point.step != SAME]
    kept: set[int] = set()
    for group in (_turns(points, steps), steps, range(len(points))):
        kept.update(_spread([index for index in group if index not in kept], most - len(kept)))
    return [points[index] for index in sorted(kept)]


def _turns(points: list[Point], steps: list[int]) -> list[int]:
    """Return the indexes of the points where a line begins, ends or does not go on as before.

    A line goes on as before if its figures are the same, or if one is raised after another was, or lowered.
    """
    turns = {0, len(points) - 1}
    for before, now in pairwise(steps):
        step = points[now].step
        if step not in (RAISED, LOWERED) or step != points[before].step:
            # The figure that the line turns from is printed last by the point right before.
            turns |= {before, now - 1, now}
    return sorted(turns)


def _spread(indexes: list[int], most: int) -> list[int]:
    """Return at most so many of the indexes, evenly spread, the first and the last among two or more."""
    if len(indexes) <= most:
        return indexes
    return [indexes[place * (len(indexes) - 1) // max(most - 1, 1)] for place in range(most)]


def _withheld(point: Point) -> bool:
    return bool(point.claim.document["qualifier"] == "undisclosed")


def _number(point: Point) -> int | None:
    """Return the number that a figure is drawn at, or None if it has no number."""
    document = point.claim.document
    return next((document[name] for name in ("count", "low", "high") if document[name] is not None), None)


def _days(claim: Reported) -> tuple[int, int] | None:
    """Return the first and the last day of a claim as ordinals, or None if it is undated."""
    days = claim.document["on_record"]
    first, last = days["earliest"] or days["latest"], days["latest"] or days["earliest"]
    return None if first is None else (date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal())


def _drawable(point: Point) -> bool:
    return _days(point.claim) is not None and (_withheld(point) or _number(point) is not None)


def _draw_line(axes: Axes, points: list[Point], most: int, shade: tuple[str, float, str]) -> None:
    """Draw the points of a line, all marks of one sort at once: matplotlib is slow at each call."""
    colour, _, marker = shade
    spans: list[tuple[float, float, float]] = []
    through: list[tuple[float, float]] = []
    crosses: list[tuple[float, float]] = []
    # Day, beginning and end of each mark.
    ranges: list[tuple[float, float, float]] = []
    up: list[tuple[float, float, float]] = []
    down: list[tuple[float, float, float]] = []
    for point in points:
        days, number = _days(point.claim), _number(point)
        if days is None:
            continue
        # The points of a line are in the order of the last day that each can be of.
        first, when = days
        if _withheld(point):
            spans.append((_WITHHELD * most, first, when))
            crosses.append((when, _WITHHELD * most))
            continue
        if number is None:
            continue
        spans.append((number, first, when))
        through.append((when, number))
        low, high = point.claim.document["low"], point.claim.document["high"]
        if low is not None and high is not None and low != high:
            ranges.append((when, low, high))
        elif high is None and low is not None:
            up.append((when, number, min(number + _ARROW * most, (1 + _ARROW) * most)))
        elif low is None and high is not None:
            down.append((when, number, 0))
    _draw_bars(axes.hlines, spans, color=colour, linewidth=2)
    _draw_bars(axes.vlines, ranges, color=colour, linewidth=6, alpha=0.5)
    for arrows, head in ((up, "^"), (down, "v")):
        _draw_bars(axes.vlines, arrows, color=colour, linewidth=1)
        ends = [(when, end) for when, _, end in arrows]
        _draw_marks(axes, ends, color=colour, marker=head, markersize=5, linestyle="none", clip_on=False)
    _draw_marks(axes, through, color=colour, marker=marker, markersize=7, linewidth=1.5)
    _draw_marks(axes, crosses, color=colour, marker="x", markersize=9, markeredgewidth=2, linestyle="none")


def _draw_bars(draw_lines: Callable[..., object], bars: list[tuple[float, float, float]], **style: object) -> None:
    draw_lines([at for at, _, _ in bars], [begin for _, begin, _ in bars], [end for _, _, end in bars], **style)


def _draw_marks(axes: Axes, places: list[tuple[float, float]], **style: typing.Any) -> None:
    axes.plot([x for x, _ in places], [y for _, y in places], **style)


def _draw_scale(axes: Axes, most: int, *, withheld: bool) -> None:
    """Draw the axis of figures and, if figures are withheld, a line below zero for those."""
    if withheld:
        height = _WITHHELD * most
        axes.axhline(height, color=FAINT, linewidth=0.8, linestyle=":")
        axes.text(1, height, "withheld", transform=axes.get_yaxis_transform(), color=FAINT, va="bottom", ha="right")
    axes.set_ylim(-0.2 * most if withheld else 0, most * 1.15)
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: drawing.number(value) if value >= 0 else ""))
    axes.tick_params(axis="y", length=0, pad=-2)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")
    axes.grid(axis="y", color="#e5e5e5", linewidth=0.8)
