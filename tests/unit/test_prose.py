"""The language of docstrings, comments, messages, the OpenAPI document and Markdown files."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WORDS_MAX = 25
CONTRACT = ROOT / "schemas/contract/v1/openapi.json"
# Folders and files of others, or generated.
NOT_OURS = {"node_modules", "versions", ".venv", "onrecord_client", "onrecord_models.py"}
FILES = [
    CONTRACT,
    *sorted(ROOT.glob("*.md")),
    *(
        file
        for folder in (".github", "api", "docs", "fixtures", "schemas", "tests")
        for file in sorted((ROOT / folder).rglob("*"))
        if file.suffix in (".md", ".py") and not NOT_OURS & set(file.parts)
    ),
]
# A regular expression, the words to use in its place, and a sentence that it rejects.
BANNED_FORMS = [
    (r"\b(?:is|are|was|were) (?-i:no(?! longer)|none)\b", "does not exist, is not a", "There is no text."),
    (r"\bha(?:s|ve|d) not (?:the|a|an)\b", "does not have", "The article has not the text."),
    (r"\b(?:whoever|whatever|whosoever)\b", "a client that, any", "Whoever sends it has a key."),
    (r"^(?:what|who|whom|whose|where)\b(?!.*\?)", "a noun", "Where a field has no value, it is null."),
    (
        r"\b(?:about|and|are|as|by|for|from|is|keeps?|of|says?|sees?|stores?|tells?|than|to|with) (?:what|whom?)\b",
        "a noun",
        "Claims form cells by what each one counts.",
    ),
    (r"\bwhat (?:is|was|it|they|a|an|the)\b(?!.*\?)", "a noun", "It returns what is stored."),
    (r"\banswer(?:s|ed|ing)?\b", "response, return", "The server answers with 404."),
    (r"\b(?:any|every|some)body\b", "clients, people", "Somebody else has changed it."),
    (r"\b(?:told|tells|telling)\b", "reported, message", "The caller is told of it."),
    (r"\b(?:asked|asking)\b(?! for\b)", "requested", "The fields that were asked are returned."),
    (r"\brefus(?:e|es|ed|als?|ing)\b", "reject, error", "The claim is refused."),
    (r"\bbeside\b", "next to, as well as", "The text is stored beside the claim."),
    (r"\b(?:borne|bears?|bearing) out\b", "supported", "The evidence bears out the number."),
    (r"\bst(?:ands?|ood) in the\b", "occurs in", "The number stands in the text."),
    (r"\b(?:put|puts|take|takes|taken|took) (?:\w+ )?(?:off|on) (?:the )?record\b", "delete, create",
     "It is taken off the record."),
    (r"\bway out\b", "fix", "The message names the way out."),
    (r"\bmend(?:s|ed|ing)?\b", "fix", "The client mends the claim."),
    (r"\bdepartures?\b", "violation", "Each departure is listed."),
    (r"\b(?:in its stead|come to nothing|nor is|nobody's)\b", "plain words", "Nor is it stored."),
]  # fmt: skip
_BLOCK = re.compile(r"^\s*(?:```|~~~|>>>|$)|^\s*(?:[-*>] |\d+\. |#|\||[│├└])")
_QUOTED = re.compile(r"``?[^`]+``?|https?://\S+|\"[^\"]*\"|“[^”]*”")
_SENTENCE_END = re.compile(r"(?<=[.!?:;])[\"')*]*\s+(?=[\"'(*A-Z0-9])")


def find_faults(text: str, line: int = 1) -> list[str]:
    r"""Return the banned forms and the long sentences of a text, each with its line and its sentence.

    >>> find_faults("It is stored.\n\nNor is it sent.")
    ["3: write plain words, not 'Nor is': Nor is it sent."]
    """
    faults = []
    for number, sentence in _sentences(text, line):
        for pattern, advice, _ in BANNED_FORMS:
            matches = re.finditer(pattern, sentence, re.IGNORECASE)
            faults += [f"{number}: write {advice}, not {match[0]!r}: {sentence}" for match in matches]
        if (count := len(sentence.split())) > WORDS_MAX:
            faults.append(f"{number}: {count} words, at most {WORDS_MAX}: {sentence}")
    return faults


def _sentences(text: str, line: int) -> Iterator[tuple[int, str]]:
    """Yield the sentences of paragraphs, list items and table cells, with X for code and quotations."""
    for number, block in _blocks(text, line):
        plain = _QUOTED.sub("X", re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", block))
        for cell in plain.split("|") if block.lstrip().startswith("|") else [plain]:
            for sentence in _SENTENCE_END.split(re.sub(r"^\s*(?:[-*>#│├└─]+|\d+\.)\s+", "", cell)):
                yield number, " ".join(sentence.split())


def _blocks(text: str, line: int) -> Iterator[tuple[int, str]]:
    """Yield paragraphs, list items, headings and table rows. Omit code blocks and doctests."""
    start, lines, fence = line, [], ""
    for number, row in enumerate(text.splitlines(), line):
        mark = row.strip()[:3]
        if fence:
            fence = "" if mark == fence or (fence == ">>>" and not mark) else fence
            continue
        if _BLOCK.match(row):
            yield start, "\n".join(lines)
            start, lines = number, []
        if not mark:
            start = number + 1
        elif mark in ("```", "~~~", ">>>"):
            fence = mark
        else:
            lines.append(row)
    yield start, "\n".join(lines)


def python_texts(source: str, *, messages: bool = True) -> Iterator[tuple[int, str]]:
    """Yield docstrings, blocks of comments, and messages: strings that begin with a capital and end with a stop."""
    tree = ast.parse(source)
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            docstring = typing.cast("ast.Expr", node.body[0]).value
            skipped.add(docstring)
            yield docstring.lineno, ast.get_docstring(node, clean=False) or ""
        elif isinstance(node, ast.JoinedStr):
            skipped.update(node.values)
    for node in ast.walk(tree) if messages else ():
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        message = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in parts)
        if node not in skipped and re.match(r"[A-Z`]\w+.* .*[.]\s*$", message, re.DOTALL):
            yield getattr(node, "lineno", 1), message
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {token.start[0]: token.string.lstrip("#") for token in tokens if token.type == tokenize.COMMENT}
    for line in comments:
        if line - 1 not in comments:
            end = next(row for row in range(line, line + len(comments) + 1) if row not in comments)
            yield line, "\n".join(comments[row].partition("noqa")[0] for row in range(line, end))


def contract_texts(value: typing.Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield the summaries and descriptions of an OpenAPI document, each with its JSON Pointer. Omit examples."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if isinstance(value, dict):
        for name, part in value.items():
            if name in ("summary", "description") and isinstance(part, str):
                yield f"{pointer}/{name}", part
            elif name not in ("example", "examples"):
                yield from contract_texts(part, f"{pointer}/{name}")


def file_faults(file: Path) -> list[str]:
    name = file.relative_to(ROOT)
    if file == CONTRACT:
        texts = {text: pointer for pointer, text in contract_texts(json.loads(file.read_text()))}
        return [f"{pointer}: {fault}" for text, pointer in texts.items() for fault in find_faults(text)]
    source = file.read_text()
    places = [(1, source)] if file.suffix == ".md" else python_texts(source, messages=name.parts[0] != "tests")
    return [f"{name}:{fault}" for line, text in places for fault in find_faults(text, line)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_texts_are_plain_and_sentences_short(file):
    assert file_faults(file) == []


@pytest.mark.parametrize(("pattern", "advice", "sample"), BANNED_FORMS)
def test_each_banned_form_is_found(pattern, advice, sample):
    (fault,) = find_faults(f"Some `code`.\n\n- An item.\n- {sample}")
    assert fault.startswith(f"4: write {advice}, not ")


def test_a_long_sentence_is_found():
    longest = "word " * WORDS_MAX
    assert find_faults(f"{longest}word.")[0].startswith("1: 26 words, at most 25: ")
    assert find_faults(f"{longest}\n\n| {longest} | word |\n\n```text\n{longest} word\n```") == []


def test_docstrings_comments_and_messages_of_a_module_are_read():
    source = '''"""A module."""

def check(name):
    """Check a name."""
    # A comment
    # of two lines.
    raise ValueError(f"The name {name} is " "invalid.")
'''
    expected = {
        (1, "A module."),
        (4, "Check a name."),
        (7, "The name X is invalid."),
        (5, " A comment\n of two lines."),
    }
    assert set(python_texts(source)) == expected
    assert {line for line, _ in expected - set(python_texts(source, messages=False))} == {7}


def test_descriptions_and_summaries_of_the_contract_are_read():
    document = {"paths": {"/": {"get": {"summary": "One.", "tags": [{"description": "Two."}], "example": "Three."}}}}
    assert [text for _, text in contract_texts(document)] == ["One.", "Two."]
