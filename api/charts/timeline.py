"""The chart of a timeline: the events of each ceasefire by date."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from matplotlib.axes import Axes

from api.charts import drawing
from api.comparison.timeline import ComparableCeasefire, Event, Timeline

# More are not readable.
EVENTS_MAX, CLAIMS_MAX, ARTICLES_MAX = 80, 4, 20
# The heights in lines of text. An event has a line of text and a mark, and a heading has space above.
_EVENT, _CEASEFIRE = 2.0, 1.8


def draw(timeline: Timeline, title: str) -> bytes:
    """Return the SVG of a timeline: a mark for each event, as long as its date is imprecise.

    If several articles have claims, each article has a number after its claims and in the legend.
    """
    groups = list(_groups(timeline))
    events = [event for _, group in groups for event in group]
    named = (claim for event in events for claim in event.claims[:CLAIMS_MAX])
    articles = list(dict.fromkeys(str(claim.document["article_id"]) for claim in named))
    numbers = {article: f" [{number}]" for number, article in enumerate(articles, 1)} if len(articles) > 1 else {}
    left_out = drawing.omissions(
        (sum(len(group) for _, group in _all(timeline)) - len(events), "more events are not drawn"),
        (len(articles) - ARTICLES_MAX, "more articles are in the description only"),
    )
    rows = sum(_CEASEFIRE + _EVENT * len(group) for _, group in groups)
    legend = [f"{number.strip()} {article}" for article, number in numbers.items()][:ARTICLES_MAX]
    figure, axes = drawing.canvas(max(rows, 2), len(legend), title, left_out)
    drawing.time_axis(axes, [day for event in events for day in _days(event)])
    left = axes.get_xlim()[0]
    top = 0.0
    for heading, group in groups:
        axes.text(left, top + 1, drawing.shortened(heading, 84), weight="bold", va="bottom")
        top += _CEASEFIRE
        for event in group:
            axes.text(left, top + 0.75, _phrase(event, numbers, 80, 40), va="bottom")
            _mark(axes, event, top + 1.2)
            top += _EVENT
    drawing.end_rows(axes, top)
    drawing.text_legend(figure, legend)
    places = {article: f" in {article}" for article in articles}
    sentences = [
        f"{heading}: {'; '.join(_phrase(event, places, 5000, 300) for event in group)}." for heading, group in groups
    ]
    return drawing.svg(figure, title, [*sentences, left_out])


def _all(timeline: Timeline) -> Iterator[tuple[str, list[Event]]]:
    for ceasefire in timeline.ceasefires:
        yield ceasefire.name or ceasefire.slug, ceasefire.events
    if timeline.unnamed:
        yield "Without a name", timeline.unnamed
    if timeline.aggregate:
        yield "Several at once", timeline.aggregate


def _groups(timeline: Timeline) -> Iterator[tuple[str, list[Event]]]:
    """Yield the headings and events that are drawn."""
    room = EVENTS_MAX
    for heading, events in _all(timeline):
        if room:
            yield heading, events[:room]
            room -= len(events[:room])


def _phrase(event: Event, articles: Mapping[str, str], width: int, name_max: int) -> str:
    """Return an event in words, with as many of its claims as fit into `width` characters.

    `articles` has the suffix for the claims of each article. Names have at most `name_max` characters.
    """
    text = f"{drawing.dated(event.date.earliest, event.date.latest)}: {event.status.replace('_', ' ')}, says "
    for index, claim in enumerate(event.claims):
        source = f"{drawing.shortened(_who(claim), name_max)}{articles.get(claim.document['article_id'], '')}"
        if index and (index == CLAIMS_MAX or len(text) + len(source) > width):
            return f"{text} and {len(event.claims) - index:,} more"
        text += f" and {source}" if index else source
    return text


def _who(claim: ComparableCeasefire) -> str:
    document = claim.document
    accused = " and ".join(party["name"] for party in document["accused"])
    count = f" ({document['count']} ceasefires)" if document["count"] > 1 else ""
    return f"{document['claimant']['name']}{f' of {accused}' if accused else ''}{count}"


def _days(event: Event) -> tuple[int, int] | tuple[()]:
    return drawing.ordinals(event.date.earliest, event.date.latest)


def _mark(axes: Axes, event: Event, middle: float) -> None:
    ends = _days(event)
    if ends:
        colour = drawing.COLOURS[_COLOURS.get(event.status, 0)]
        axes.plot(ends, [middle] * 2, color=colour, linewidth=6, solid_capstyle="round")
        axes.plot([sum(ends) / 2], [middle], marker="o", color=colour, markersize=8)


# Colour indexes of statuses. The default is 0.
_COLOURS = {"violated": 4, "collapsed": 1, "ended": 6}
