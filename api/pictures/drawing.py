"""Drawing: a figure of matplotlib, and its SVG with a title and a description for screen readers."""

from __future__ import annotations

import io
import re
import typing
import warnings
from collections.abc import Iterable
from datetime import date
from xml.sax.saxutils import escape

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
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
# Past as many claimants as there are colours, these tell them apart as well: full, pale, and an outline alone.
_PALE = (1.0, 0.35, 0.0)
_MARKERS = ("o", "s", "^")

# Of CSS pixels there are 96 an inch.
_WIDTH = 600 / 96


def canvas(rows: float, claimants: int, title: str) -> tuple[Figure, Axes]:
    """A figure that is 600 pixels wide, with axes of so many lines of text under a title and a legend of claimants."""
    below, above = 48, 48 + 20 * ((claimants + 1) // 2)
    height = rows * 17 + below + above
    figure = Figure(figsize=(_WIDTH, height / 96))
    axes = figure.add_axes((0.04, below / height, 0.92, 1 - (below + above) / height))
    axes.set_facecolor("none")
    figure.text(0.04, 1 - 20 / height, shortened(title, 70), fontsize=11, weight="bold", va="center")
    return figure, axes


def shade(index: int) -> tuple[str, float, str]:
    """Colour, its strength and the marker of a claimant, by its place among all of them."""
    round_ = index // len(COLOURS)
    return COLOURS[index % len(COLOURS)], _PALE[round_ % len(_PALE)], _MARKERS[round_ % len(_MARKERS)]


def filled(colour: str, strength: float) -> dict[str, typing.Any]:
    """How a bar of a shade is drawn."""
    return {"facecolor": to_rgba(colour, strength), "edgecolor": colour, "linewidth": 1.5}


def legend(figure: Figure, claimants: Iterable[str], *, of_lines: bool = False) -> None:
    """Say which colour is whose."""
    handles: list[typing.Any] = []
    for index, name in enumerate(claimants):
        colour, strength, marker = shade(index)
        if of_lines:
            handles.append(Line2D([], [], color=colour, marker=marker, label=shortened(name, 36)))
        else:
            handles.append(Patch(**filled(colour, strength), label=shortened(name, 36)))
    top = 1 - 30 / 96 / figure.get_figheight()
    figure.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.03, top), ncols=2, frameon=False, fontsize=10)


def shortened(words: str, longest: int) -> str:
    """Words on one line, cut off where they have no room; without what no picture can hold, or would turn words round.

    >>> shortened("the Ministry of Health of the Republic", 12)
    'the Ministr…'
    """
    plain = " ".join(_UNSEEN.sub(" ", words).split())
    short = plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
    # What runs from right to left does so by itself, and not into the figure beside it.
    return f"\u2068{short}\u2069" if _RIGHT_TO_LEFT.search(short) else short


def number(value: float) -> str:
    """A number on an axis.

    >>> [number(value) for value in (0, 1500, 2_500_000, 10_000_000_000)]
    ['0', '1,500', '2.5 m', '10 bn']
    """
    for unit, word in ((1_000_000_000, " bn"), (1_000_000, " m")):
        if value >= unit:
            return f"{value / unit:g}{word}"
    return f"{value:,.0f}"


def day(value: float) -> str:
    """The day of a number, where the calendar has one.

    >>> day(1.0)
    '0001-01-01'
    """
    return date.fromordinal(int(value)).isoformat() if 1 <= value <= date.max.toordinal() else ""


# Characters that are none in XML, or that only steer how others are written.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def svg(figure: Figure, title: str, description: str) -> bytes:
    """The figure as SVG, as wide as there is room for, with its title and what it shows in words."""
    written = io.StringIO()
    with warnings.catch_warnings():
        # The letters are the reader's own: that the font here lacks some only makes their width a guess.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, facecolor="white")
    text = written.getvalue()
    start = text.index("<svg")
    opened = text.index(">", start)
    title, description = (escape(_UNSEEN.sub(" ", words)) for words in (title, description))
    named = f'<title id="title">{title}</title>\n<desc id="desc">{description}</desc>\n'
    root = f'{text[start:opened]} role="img" aria-labelledby="title desc">\n{named}'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}{text[opened + 1 :]}'.encode()
