"""Drawing: a figure of matplotlib, and its SVG with a title and a description for screen readers."""

from __future__ import annotations

import io
import typing
from collections.abc import Iterable
from datetime import date
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

INK, FAINT = "#222222", "#767676"

mpl.use("svg")
# Words stay words, so that they can be read, searched and scaled; and a "$" in a name is no formula.
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

# Okabe and Ito's colours, which people of any colour vision can tell apart; the yellow is too pale for lines on white.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
# Past as many claimants as there are colours, these tell them apart as well.
HATCHES = ("", "////", "....", "xxxx")
MARKERS = ("o", "s", "D", "^")

# Of CSS pixels there are 96 an inch.
_WIDTH = 600 / 96


def canvas(rows: float, claimants: int) -> tuple[Figure, Axes]:
    """A figure that is 600 pixels wide, with axes of so many lines of text under a legend of so many claimants."""
    below, above = 48, 24 + 20 * ((claimants + 1) // 2)
    height = rows * 17 + below + above
    figure = Figure(figsize=(_WIDTH, height / 96))
    axes = figure.add_axes((0.04, below / height, 0.92, 1 - (below + above) / height))
    axes.set_facecolor("none")
    return figure, axes


def shade(index: int) -> tuple[str, str, str]:
    """Colour, hatching and marker of a claimant, by its place among all of them."""
    round_ = index // len(COLOURS)
    return COLOURS[index % len(COLOURS)], HATCHES[round_ % len(HATCHES)], MARKERS[round_ % len(MARKERS)]


def legend(figure: Figure, claimants: Iterable[str], *, of_lines: bool = False) -> None:
    """Say which colour is whose."""
    handles: list[typing.Any] = []
    for index, name in enumerate(claimants):
        colour, hatch, marker = shade(index)
        if of_lines:
            handles.append(Line2D([], [], color=colour, marker=marker, label=shortened(name, 40)))
        else:
            handles.append(Patch(facecolor=colour, hatch=hatch, edgecolor="white", label=shortened(name, 40)))
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.03, 1), ncols=2, frameon=False, fontsize=10)


def shortened(words: str, longest: int) -> str:
    """Words, cut off where they have no room.

    >>> shortened("the Ministry of Health of the Republic", 12)
    'the Ministr…'
    """
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def day(value: float) -> str:
    """The day of a number, where the calendar has one.

    >>> day(1.0)
    '0001-01-01'
    """
    return date.fromordinal(int(value)).isoformat() if 1 <= value <= date.max.toordinal() else ""


def svg(figure: Figure, title: str, description: str) -> bytes:
    """The figure as SVG, as wide as there is room for, with its title and what it shows in words."""
    written = io.StringIO()
    figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")
    text = written.getvalue()
    start = text.index("<svg")
    opened = text.index(">", start)
    named = f'<title id="title">{escape(title)}</title>\n<desc id="desc">{escape(description)}</desc>\n'
    root = f'{text[start:opened]} role="img" aria-labelledby="title desc">\n{named}'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}{text[opened + 1 :]}'.encode()
