"""The changes of texts and examples, which a patch version can contain."""

from __future__ import annotations

from collections.abc import Iterator

from api.contract.diff.change import Change, Level
from api.contract.diff.node import Node, parameters
from schemas.json_pointer import escape

_TEXTS = {"title", "summary", "description", "example", "examples", "contact", "license"}
_TEXTS_OF_ROOT = {"openapi", "tags"}
_References = tuple[str | None, str | None]


def text_changes(
    old: Node, new: Node, *, of_names: bool = False, followed: frozenset[_References] = frozenset()
) -> Iterator[Change]:
    """Yield the changes of texts in the parts that both documents have.

    - `of_names` means that the keys of both nodes are names of fields, so `title` is not a text.
    - `followed` are the pairs of different references that lead to these nodes. A recursive schema is compared once.
    """
    if isinstance(old.value, dict) and isinstance(new.value, dict):
        references = old.value.get("$ref"), new.value.get("$ref")
        if references[0] != references[1]:
            if references in followed:
                return
            old, new, followed = _merged(old), _merged(new), followed | {references}
        texts = set() if of_names else _TEXTS if new.pointer else _TEXTS | _TEXTS_OF_ROOT
        for key in sorted(old.value.keys() | new.value.keys()):
            if old.value.get(key) == new.value.get(key):
                continue
            if key in texts:
                yield Change(f"{new.pointer}/{escape(key)}", Level.TEXT, "Only a text or an example differs.")
            elif key in old.value and key in new.value:
                names = key == "properties" and not of_names
                yield from text_changes(old.at(key), new.at(key), of_names=names, followed=followed)
    elif isinstance(old.value, list) and isinstance(new.value, list):
        for before, after in _paired(old, new):
            yield from text_changes(before, after, followed=followed)


def _merged(node: Node) -> Node:
    """Return the part that a node refers to, with the texts next to the reference."""
    target = node.resolved
    if target is node or not isinstance(target.value, dict):
        return target
    own = {key: value for key, value in node.value.items() if key != "$ref"}
    return Node(node.document, {**target.value, **own}, target.pointer)


def _paired(old: Node, new: Node) -> Iterator[tuple[Node, Node]]:
    if new.pointer.endswith("/parameters"):
        before, after = parameters(old), parameters(new)
        yield from ((before[key], after[key]) for key in before.keys() & after.keys())
    elif len(old.value) == len(new.value):
        yield from ((old.at(index), new.at(index)) for index in range(len(new.value)))
