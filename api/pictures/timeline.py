"""The picture of a timeline: for each ceasefire, what is said of it, by date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator

from api.comparison.reported import Reported
from api.comparison.timeline import Event, Timeline
from api.pictures import drawing

# More make a picture that nobody reads.
EVENTS_DRAWN = 80
# An event takes a line of words and the line below; a ceasefire, a line more above and some air.
_EVENT, _CEASEFIRE = 2.0, 1.8


def draw(timeline: Timeline, title: str) -> bytes:
    """The SVG of a timeline: a mark for each event, as long as its date is imprecise."""
    groups = list(_groups(timeline))
    events = [event for _, found in groups for event in found]
    days = [day for event in events if (ends := _days(event)) for day in ends]
    margin = max((max(days) - min(days)) * 0.05, 1) if days else 1
    left = min(days, default=0) - margin
    rows = sum(_CEASEFIRE + _EVENT * len(found) for _, found in groups)
    figure, axes = drawing.canvas(max(rows, 2), 0, title)
    top = 0.0
    for heading, found in groups:
        axes.text(left, top + 1, drawing.shortened(heading, 84), weight="bold", va="bottom")
        top += _CEASEFIRE
        for event in found:
            axes.text(left, top + 0.75, drawing.shortened(_said(event), 90), va="bottom")
            _mark(axes, event, top + 1.2)
            top += _EVENT
    if not groups:
        axes.text(0.5, 0.5, "No claim matches.", transform=axes.transAxes, ha="center")
    axes.set_xlim(left, max(days, default=0) + margin)
    axes.set_ylim(max(top, 1), 0)
    axes.set_yticks([])
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True) if days else NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: drawing.day(value)))
    return drawing.svg(figure, title, describe(timeline))


def describe(timeline: Timeline) -> str:
    """What the picture shows, in words."""
    told = [f"{heading}: {'; '.join(map(_said, found))}." for heading, found in _groups(timeline)]
    count = sum(len(found) for _, found in _all(timeline))
    more = [f"{count - EVENTS_DRAWN} more events are not drawn."] if count > EVENTS_DRAWN else []
    return " ".join([*told, *more]) or "No claim matches."


def _all(timeline: Timeline) -> Iterator[tuple[str, list[Event]]]:
    for ceasefire in timeline.ceasefires:
        yield ceasefire.name or ceasefire.slug, ceasefire.events
    if timeline.unnamed:
        yield "Without a name", timeline.unnamed
    if timeline.aggregate:
        yield "Several at once", timeline.aggregate


def _groups(timeline: Timeline) -> Iterator[tuple[str, list[Event]]]:
    """What is drawn: the first so many events."""
    room = EVENTS_DRAWN
    for heading, events in _all(timeline):
        if room:
            yield heading, events[:room]
            room -= len(events[:room])


def _said(event: Event) -> str:
    days = event.date
    when = days.earliest if days.earliest == days.latest else f"{days.earliest or '…'} to {days.latest or '…'}"
    return f"{when or 'undated'}: {event.status.replace('_', ' ')}, says {' and '.join(map(_who, event.claims))}"


def _who(claim: Reported) -> str:
    document = claim.document
    accused = " and ".join(party["name"] for party in document["accused"])
    count = f" of {document['count']}" if document["count"] > 1 else ""
    return f"{document['claimant']['name']}{count}{f' of {accused}' if accused else ''}"


def _days(event: Event) -> tuple[int, int] | None:
    """The first and the last day of an event, as numbers; None where it has neither."""
    first, last = event.date.earliest or event.date.latest, event.date.latest or event.date.earliest
    if first is None or last is None:
        return None
    return date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()


def _mark(axes: Axes, event: Event, middle: float) -> None:
    ends = _days(event)
    if ends is not None:
        colour = drawing.COLOURS[_KINDS.get(event.status, 0)]
        axes.plot(ends, [middle] * 2, color=colour, linewidth=6, solid_capstyle="round")
        axes.plot([sum(ends) / 2], [middle], marker="o", color=colour, markersize=8)


# What begins or goes on, what breaks it, what ends it.
_KINDS = {"violated": 4, "collapsed": 1, "ended": 6}
