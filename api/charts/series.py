"""The chart of a series: a panel for each period, with a line for each claimant."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from api.charts import drawing
from api.charts.drawing import FAINT
from api.comparison.claims import ComparableReport, grouped
from api.comparison.periods import Period
from api.comparison.phrasing import figure, numbers, phrase_cell, phrase_period
from api.comparison.series import Line, Point, Series
from schemas.comparison import Step

# The height of a chart with one panel and of each of several panels, in lines of text.
_ONE_PANEL, _PANEL = 16, 12
# More are not readable at this width.
PANELS_MAX, LINES_MAX, POINTS_MAX = 4, 14, 100

# The position of withheld figures and the length of arrows, as shares of the highest number.
_WITHHELD, _ARROW = -0.1, 0.13


def draw(series: Series | None, title: str) -> bytes:
    """Return the SVG of a series: ranges as bars, open ends as arrows, withheld figures as crosses below zero."""
    if series is None:
        figure_, axes = drawing.canvas(_ONE_PANEL, 0, title)
        drawing.end_rows(axes, 0)
        drawing.time_axis(axes, [])
        return drawing.svg(figure_, title, ())
    panels = _panels(series)
    lines = [line for drawn in panels.values() for line in drawn]
    points = [point for line in lines for point in line.points]
    left_out = _left_out(series, lines)
    names = {line.who: str(line.claimant["name"]) for line in lines}
    claimants = list(names)
    rows = _ONE_PANEL if len(panels) == 1 else _PANEL * len(panels)
    figure_, whole = drawing.canvas(rows, len(claimants), _heading(series), left_out)
    days = [day for point in points for day in _days(point.claim)]
    for axes, drawn in zip(drawing.panels(whole, [*map(phrase_period, panels)]), panels.values(), strict=True):
        claims = [point.claim for line in drawn for point in line.points]
        most = max((number for claim in claims for number in numbers(claim.document)), default=1) or 1
        for line in drawn:
            _draw_line(axes, line.points, most, drawing.shade(claimants.index(line.who)))
        _draw_scale(axes, most, withheld=any(claim.withholds for claim in claims))
        # On the left, there is room for the numbers of the other axis.
        drawing.time_axis(axes, days, left=0.1)
    drawing.legend(figure_, names.values(), of_lines=True)
    sentences = [
        f"{line.claimant['name']}, {phrase_period(line.period)}: {'; '.join(map(_phrase, line.points))}."
        for line in lines
    ]
    return drawing.svg(figure_, title, [f"{_heading(series, 300)}.", *sentences, left_out])


def _panels(series: Series) -> dict[Period, list[Line]]:
    """Return the drawn lines and points of the periods with the most claims, by period."""
    by_period = grouped(series.lines, lambda line: line.period)
    most = sorted(by_period, key=lambda period: -sum(len(line.points) for line in by_period[period]))[:PANELS_MAX]
    panels, room = {}, LINES_MAX
    for period in sorted(most, key=lambda period: period.order):
        drawn = by_period[period][:room]
        room -= len(drawn)
        if drawn:
            panels[period] = [replace(line, points=thinned(line.points, POINTS_MAX)) for line in drawn]
    return panels


def _heading(series: Series, name_max: int = 24) -> str:
    return phrase_cell(series.label, lambda name: drawing.shortened(name, name_max))


def _phrase(point: Point) -> str:
    """Return a figure and its date in words."""
    days = point.claim.document["on_record"]
    return f"{figure(point.claim.document)} ({drawing.dated(days['earliest'], days['latest'])})"


def _left_out(series: Series, lines: list[Line]) -> str:
    """Return the sentences about the lines and points that are not drawn."""
    drawn = {(line.who, line.period) for line in lines}
    total = sum(len(line.points) for line in series.lines if (line.who, line.period) in drawn)
    points = [point for line in lines for point in line.points]
    drawable = (_days(point.claim) and (point.claim.withholds or _number(point) is not None) for point in points)
    return drawing.omissions(
        (len(series.lines) - len(lines), "more lines are not drawn"),
        (total - len(points), f"of {total:,} points are not shown"),
        (sum(not drawn for drawn in drawable), "points without a date or number are in the description only"),
    )


def thinned(points: list[Point], points_max: int) -> list[Point]:
    """Return at most `points_max` points of a line that best preserve its form, including the first and last.

    Turns of the line have priority, then steps, then points that repeat a figure. If a group has too many points,
    evenly spread ones are returned.
    """
    steps = [index for index, point in enumerate(points) if point.step != Step.SAME]
    kept: set[int] = set()
    for group in (_turns(points, steps), steps, range(len(points))):
        kept.update(_spread([index for index in group if index not in kept], points_max - len(kept)))
    return [points[index] for index in sorted(kept)]


def _turns(points: list[Point], steps: list[int]) -> list[int]:
    """Return the indexes of the points where a line begins, ends or changes direction.

    A line keeps its direction if figures are equal, or if a raised figure follows a raised one or a lowered figure
    a lowered one.
    """
    turns = {0, len(points) - 1}
    for before, now in pairwise(steps):
        step = points[now].step
        if step not in (Step.RAISED, Step.LOWERED) or step != points[before].step:
            # The point directly before has the last figure before the turn.
            turns |= {before, now - 1, now}
    return sorted(turns)


def _spread(indexes: list[int], length_max: int) -> list[int]:
    """Return at most `length_max` evenly spread indexes, with the first and the last if there are two or more."""
    if len(indexes) <= length_max:
        return indexes
    return [indexes[place * (len(indexes) - 1) // max(length_max - 1, 1)] for place in range(length_max)]


def _number(point: Point) -> int | None:
    """Return the drawn number of a figure, or None."""
    report = point.claim.document
    return next((number for number in (report["count"], report["low"], report["high"]) if number is not None), None)


def _days(claim: ComparableReport) -> tuple[int, int] | tuple[()]:
    days = claim.document["on_record"]
    return drawing.ordinals(days["earliest"], days["latest"])


# Each bar has its place on one axis, and its start and end on the other one.
_Bars = list[tuple[float, float, float]]


def _draw_line(axes: Axes, points: list[Point], most: int, shade: tuple[str, float, str]) -> None:
    """Draw the points of a line, with one call for all marks of a type because each matplotlib call is slow."""
    colour, _, marker = shade
    through, crosses = list[tuple[float, float]](), list[tuple[float, float]]()
    spans, ranges, up, down = _Bars(), _Bars(), _Bars(), _Bars()
    for point in points:
        days, number = _days(point.claim), _number(point)
        if not days:
            continue
        # Points are ordered by their first possible day.
        when, last = days
        if point.claim.withholds:
            spans.append((_WITHHELD * most, when, last))
            crosses.append((when, _WITHHELD * most))
            continue
        if number is None:
            continue
        spans.append((number, when, last))
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


def _draw_bars(draw_lines: Callable[..., object], bars: _Bars, **style: object) -> None:
    draw_lines([at for at, _, _ in bars], [begin for _, begin, _ in bars], [end for _, _, end in bars], **style)


def _draw_marks(axes: Axes, places: list[tuple[float, float]], **style: typing.Any) -> None:
    axes.plot([x for x, _ in places], [y for _, y in places], **style)


def _draw_scale(axes: Axes, most: int, *, withheld: bool) -> None:
    """Draw the axis of figures and, if figures are withheld, a line for them below zero."""
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
