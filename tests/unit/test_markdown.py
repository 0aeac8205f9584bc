"""The layout of all Markdown files: links lead somewhere, and code blocks name their language."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / ".github").glob("**/*.md")),
    *sorted((ROOT / "docs").glob("**/*.md")),
    *sorted((ROOT / "fixtures").glob("**/*.md")),
]
BLOCK = re.compile(r"^ *```(.*)\n((?:.*\n)*?) *```$", re.MULTILINE)


def find_anchors(text: str) -> set[str]:
    r"""Return the anchors that GitHub gives to the headings of a page.

    >>> sorted(find_anchors("# One `two`: three\n## One-two, 3?\n"))
    ['one-two-3', 'one-two-three']
    """
    headings = re.findall(r"^#+ (.*?)\s*$", BLOCK.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def find_faults(page: Path) -> list[str]:
    """Return the faults of a page, each with its line or link."""
    text = page.read_text()
    faults = [f"no language: {match[0]!r}" for match in BLOCK.finditer(text) if not match[1].strip()]
    prose = BLOCK.sub("", text)
    if "```" in prose:
        faults.append("a code block has no end")
    faults += [f"trailing blanks: {line!r}" for line in text.splitlines() if line != line.rstrip()]
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", prose):
        file, _, anchor = unquote(target).partition("#")
        linked = page.parent / file if file else page
        if not linked.exists():
            faults.append(f"no such file: {target}")
        elif anchor and anchor not in find_anchors(linked.read_text()):
            faults.append(f"no such heading: {target}")
    return faults


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_has_no_faults(page):
    assert find_faults(page) == []


def test_each_kind_of_fault_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "# Title\n\n```\ncode\n```\n\nblanks  \n\n"
        "[file](none.md) [heading](#none) [title](#title) [itself](page.md#title) [host](https://example.org)\n\n```sh\n"
    )
    kinds = [fault.split(":")[0] for fault in find_faults(page)]
    assert kinds == ["no language", "a code block has no end", "trailing blanks", "no such file", "no such heading"]
