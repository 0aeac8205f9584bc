"""Drawing: matplotlib figures, and their SVG with a title and a description for screen readers."""

from __future__ import annotations

import io
import re
import textwrap
import typing
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import NullLocator

INK, FAINT = "#222222", "#767676"
NO_CLAIM = "No claim matches."

mpl.use("svg")
# Text stays text, so that it can be selected, searched and scaled. A "$" in a name must not start a formula.
mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "onrecord",
        "text.parse_math": False,
        "font.family": "sans-serif",
        "font.size": 10,
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": FAINT,
        "xtick.color": FAINT,
        "ytick.color": FAINT,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
    }
)

# Okabe and Ito's palette for colour-blind readers, without yellow, which is too pale for lines on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
# With more claimants than colours, opacity and markers distinguish them.
_OPACITIES = (1.0, 0.35, 0.0)
_MARKERS = ("o", "s", "^")

# A date label takes a seventh of the axis. Five ticks are at least a sixth of it apart.
_TICKS_MAX = 5
# Numbers of months from one tick to the next.
_MONTHS = (1, 2, 3, 6, *(12 * years * power for power in (1, 10, 100, 1000) for years in (1, 2, 5)))

# CSS has 96 pixels per inch.
_WIDTH = 600 / 96


def canvas(rows: float, legend_entries: int, title: str, left_out: str = "") -> tuple[Figure, Axes]:
    """Return a figure that is 600 pixels wide, and its axes with room for `rows` lines of text.

    The title and a legend are above the axes. `left_out`, the sentences of `omissions`, is below.
    """
    lines = textwrap.wrap(left_out, 90)
    below, above = 48 + 18 * len(lines), 48 + 20 * ((legend_entries + 1) // 2)
    height = rows * 17 + below + above
    figure = Figure(figsize=(_WIDTH, height / 96))
    axes = figure.add_axes((0.04, below / height, 0.92, 1 - (below + above) / height))
    axes.set_facecolor("none")
    figure.text(0.04, 1 - 20 / height, shortened(title, 70), fontsize=11, weight="bold", va="center")
    for number, line in enumerate(reversed(lines)):
        figure.text(0.04, (8 + 15 * number) / height, line, color=FAINT)
    return figure, axes


def end_rows(axes: Axes, height: float) -> None:
    """Limit axes to the height of their rows, or draw the message of a chart without claims."""
    if not height:
        axes.text(0.5, 0.5, NO_CLAIM, transform=axes.transAxes, ha="center")
    axes.set_ylim(max(height, 1), 0)
    axes.set_yticks([])


def panels(axes: Axes, titles: Sequence[str]) -> list[Axes]:
    """Divide axes into one panel for each title, from top to bottom, and return the panels."""
    figure, box = axes.figure, axes.get_position()
    axes.remove()
    title, ticks = (pixels / 96 / typing.cast("Figure", figure).get_figheight() for pixels in (20, 28))
    height = (box.height + ticks) / len(titles)
    divided = []
    for number, text in enumerate(titles):
        panel = figure.add_axes((box.x0, box.y1 - (number + 1) * height + ticks, box.width, height - ticks - title))
        panel.set_facecolor("none")
        panel.set_title(text, loc="left", fontsize=10, style="italic")
        divided.append(panel)
    return divided


def omissions(*counts: tuple[int, str]) -> str:
    """Return a sentence about omitted items for each count that is not 0.

    >>> omissions((1200, "events are not drawn"), (0, "articles are not named"))
    '1,200 events are not drawn.'
    """
    return " ".join(f"{count:,} {text}." for count, text in counts if count > 0)


def shade(index: int) -> tuple[str, float, str]:
    """Return the colour, opacity and marker of a claimant by index."""
    round_ = index // len(COLOURS)
    return COLOURS[index % len(COLOURS)], _OPACITIES[round_ % len(_OPACITIES)], _MARKERS[round_ % len(_MARKERS)]


def filled(colour: str, opacity: float) -> dict[str, typing.Any]:
    """Return the style of a filled bar."""
    return {"facecolor": to_rgba(colour, opacity), "edgecolor": colour, "linewidth": 1.5}


def legend(figure: Figure, claimants: Iterable[str], *, of_lines: bool = False) -> None:
    """Add a legend of the claimants' colours."""
    handles: list[typing.Any] = []
    for index, name in enumerate(claimants):
        (colour, opacity, marker), label = shade(index), shortened(name, 36)
        line = Line2D([], [], color=colour, marker=marker, label=label)
        handles.append(line if of_lines else Patch(**filled(colour, opacity), label=label))
    _add_legend(figure, handles)


def text_legend(figure: Figure, entries: Iterable[str]) -> None:
    """Add a legend without symbols."""
    handles = [Line2D([], [], linestyle="none", label=shortened(entry, 40)) for entry in entries]
    _add_legend(figure, handles, handlelength=0, handletextpad=0)


def _add_legend(figure: Figure, handles: list[typing.Any], **style: float) -> None:
    place = (0.03, 1 - 30 / 96 / figure.get_figheight())
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=place, ncols=2, frameon=False, fontsize=10, **style)


def shortened(text: str, length_max: int) -> str:
    """Return a text on one line of at most `length_max` characters, without control characters.

    >>> shortened("the Ministry of Health of the Republic", 12)
    'the Ministr…'
    """
    plain = " ".join(_CONTROL.sub(" ", text).split())
    short = plain if len(plain) <= length_max else f"{plain[: length_max - 1]}…"
    # Right-to-left text is isolated, so that it does not reorder the text next to it.
    return f"\u2068{short}\u2069" if _RIGHT_TO_LEFT.search(short) else short


def number(value: float) -> str:
    """Return a number as an axis label.

    >>> [number(value) for value in (0, 1500, 2_500_000, 10_000_000_000)]
    ['0', '1,500', '2.5 m', '10 bn']
    """
    for unit, word in ((1_000_000_000, " bn"), (1_000_000, " m")):
        if value >= unit:
            return f"{value / unit:g}{word}"
    return f"{value:,.0f}"


def ordinals(earliest: str | None, latest: str | None) -> tuple[int, int] | tuple[()]:
    """Return the first and last day of a date as ordinals. An open end is the other day. An undated one has no days."""
    first, last = earliest or latest, latest or earliest
    return (date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal()) if first and last else ()


def dated(earliest: str | None, latest: str | None) -> str:
    """Return a date in words.

    >>> dated("2031-05-03", "2031-05-03"), dated("2031-05-03", None), dated(None, None)
    ('2031-05-03', '2031-05-03 to …', 'undated')
    """
    return earliest or "undated" if earliest == latest else f"{earliest or '…'} to {latest or '…'}"


def time_axis(axes: Axes, days: Collection[int], left: float = 0.05) -> None:
    """Set the x axis to days, as ordinals, with ticks on round days.

    The axis has margins on both sides of the days. `left` is the share of the left margin. Margins do not have ticks,
    so labels are not clipped.
    """
    first, last = min(days, default=0), max(days, default=0)
    length = last - first
    axes.set_xlim(first - max(left * length, 1), last + max(0.05 * length, 1))
    ticks = round_days(date.fromordinal(first), date.fromordinal(last)) if days else []
    axes.set_xticks([tick.toordinal() for tick in ticks], [tick.isoformat() for tick in ticks])
    axes.xaxis.set_minor_locator(NullLocator())


def round_days(first: date, last: date) -> list[date]:
    """Return at most five evenly spaced round days, such as Mondays or first days of months.

    >>> [day.isoformat() for day in round_days(date(2031, 1, 20), date(2031, 3, 20))]
    ['2031-02-01', '2031-02-15', '2031-03-01', '2031-03-15']
    """
    length = last.toordinal() - first.toordinal()
    # Ordinal 1 is a Monday.
    steps = [
        range(first.toordinal() + (1 - first.toordinal()) % step, last.toordinal() + 1, step) for step in (1, 2, 3, 7)
    ]
    for ordinals in steps:
        if len(ordinals) <= _TICKS_MAX:
            return [date.fromordinal(ordinal) for ordinal in ordinals]
    for months, days in ((1, (1, 15)), *((months, (1,)) for months in _MONTHS)):
        if length / 31 / months * len(days) > _TICKS_MAX:
            # Enumerating the months of a long time is slow.
            continue
        ticks = [day for day in _days_of_months(first, last, months, days) if first <= day <= last]
        if len(ticks) <= _TICKS_MAX:
            return ticks
    return []


def _days_of_months(first: date, last: date, step: int, days: tuple[int, ...]) -> Iterator[date]:
    """Yield these days of every `step`-th month of the calendar."""
    begin, end = (12 * day.year + day.month - 1 for day in (first, last))
    for month in range(begin - begin % step, end + 1, step):
        if month >= 12:
            yield from (date(month // 12, month % 12 + 1, day) for day in days)


# Characters that XML does not allow, and bidirectional controls.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def svg(figure: Figure, title: str, sentences: Iterable[str]) -> bytes:
    """Return the figure as responsive SVG with a title and a description of these sentences."""
    description = " ".join(sentences).strip() or NO_CLAIM
    buffer = io.StringIO()
    with warnings.catch_warnings():
        # The reader's fonts are used. Glyphs that are missing here only affect estimated widths.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")
    text = buffer.getvalue()
    start = text.index("<svg")
    opened = text.index(">", start)
    title, description = (escape(_CONTROL.sub(" ", part)) for part in (title, description))
    named = f'<title id="title">{title}</title>\n<desc id="desc">{description}</desc>\n'
    root = f'{text[start:opened]} role="img" aria-labelledby="title desc">\n{named}'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}{text[opened + 1 :]}'.encode()
