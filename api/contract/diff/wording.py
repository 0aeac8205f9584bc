"""The changes of texts and examples, which a patch version can contain, and of extensions, which no rule compares."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator

from api.contract.diff.change import Change, Level, shown
from api.contract.diff.node import Node, parameters
from api.contract.diff.typed_schema import OPEN_ENUM
from api.openapi.parameters import ACCEPTED_PARAMETERS
from api.openapi.responses import BY_REQUEST
from schemas.json_pointer import escape

_TEXTS = {"title", "summary", "description", "example", "examples", "contact", "license", "termsOfService"}
# The keys of these objects are names, which can equal a keyword.
_MAPS = {
    "content",
    BY_REQUEST,
    "headers",
    "links",
    "parameters",
    "paths",
    "properties",
    "responses",
    "schemas",
    "securitySchemes",
}
# The pointers to the other extensions that rules compare.
_COMPARED = re.compile(
    f"/(paths/[^/]+/[^/]+|components)/responses/[^/]+/{BY_REQUEST}"
    f"|/paths/[^/]+/[^/]+/(requestBody/{BY_REQUEST}|{ACCEPTED_PARAMETERS})"
)
_TEXTS_OF_ROOT = {"openapi", "tags"}
_References = tuple[str | None, str | None]


def text_changes(
    old: Node, new: Node, *, of_names: bool = False, followed: frozenset[_References] = frozenset()
) -> Iterator[Change]:
    """Yield the changes of texts and extensions in the parts that both documents have.

    - `of_names` means that the keys of both nodes are names, such as those of fields, so `title` is not a text.
    - `followed` are the pairs of different references that lead to these nodes. A recursive schema is compared once.
    """
    if isinstance(old.value, dict) and isinstance(new.value, dict):
        references = old.value.get("$ref"), new.value.get("$ref")
        if references[0] != references[1]:
            if references in followed:
                return
            old, new, followed = _merged(old), _merged(new), followed | {references}
        for key in sorted(old.value.keys() | new.value.keys()):
            values = [node.value.get(key) for node in (old, new)]
            if values[0] == values[1]:
                continue
            if change := None if of_names else _change(new.pointer, key, *values):
                yield change
            elif key in old.value and key in new.value:
                names = key in _MAPS and not of_names
                yield from text_changes(old.at(key), new.at(key), of_names=names, followed=followed)
    elif isinstance(old.value, list) and isinstance(new.value, list):
        for before, after in _paired(old, new):
            yield from text_changes(before, after, followed=followed)


def _change(pointer: str, key: str, old: typing.Any, new: typing.Any) -> Change | None:
    """Return the change of a text, or of an extension without a rule."""
    if key.startswith("x-") and key != OPEN_ENUM and not _COMPARED.fullmatch(f"{pointer}/{key}"):
        reason = f"No rule compares the extension `{key}`: it was {shown(old)} and is {shown(new)}."
        return Change(f"{pointer}/{escape(key)}", Level.BREAKING, reason)
    if key in _TEXTS or (not pointer and key in _TEXTS_OF_ROOT):
        return Change(f"{pointer}/{escape(key)}", Level.TEXT, "Only a text or an example differs.")
    return None


def _merged(node: Node) -> Node:
    """Return the part that a node refers to, with the texts next to the reference."""
    target = node.resolved
    if target is node or not isinstance(target.value, dict):
        return target
    own = {key: value for key, value in node.value.items() if key != "$ref"}
    return Node(node.document, {**target.value, **own}, target.pointer)


def _paired(old: Node, new: Node) -> Iterator[tuple[Node, Node]]:
    if new.pointer.endswith(("/parameters", f"/{ACCEPTED_PARAMETERS}")):
        before, after = parameters(old), parameters(new)
        yield from ((before[key], after[key]) for key in before.keys() & after.keys())
    elif len(old.value) == len(new.value):
        yield from ((old.at(index), new.at(index)) for index in range(len(new.value)))
