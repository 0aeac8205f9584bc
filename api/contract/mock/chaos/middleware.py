"""Change: what one name of chaos does to requests and answers, and how it finds its way in an answer."""

from __future__ import annotations

import typing

import orjson

from api.contract.mock.wsgi import Answered, Ask, Asked
from api.contract.validator.exchange import is_json
from api.contract.validator.responses import NDJSON, PROBLEM, asked_for
from api.contract.validator.spec import Described, Operation, Part

CSV = "text/csv"
_LINKED = "application/ld+json"


class Change:
    """One change. `names` are all the changes that are made, this one among them."""

    def __init__(self, described: Described, root: str, names: tuple[str, ...]):
        self.described = described
        self.root = root
        self.names = names

    def __call__(self, asked: Asked, ask: Ask) -> Answered:
        """The answer to a request, changed."""
        raise NotImplementedError

    def clear(self) -> None:
        """Begin anew."""

    def operation(self, asked: Asked) -> Operation | None:
        """The operation that is asked for."""
        return self.described.operation(asked.method, asked.path)


class Rewriting(Change):
    """A change of every JSON value that is answered, the whole of a body or a line, by what its schema says of it."""

    def __call__(self, asked: Asked, ask: Ask) -> Answered:
        answered = ask(asked)
        operation = self.operation(asked)
        if operation is None or not answered.body:
            return answered
        schema = self.schema(operation, asked, answered)
        if schema is None:
            return answered
        if answered.media_type == NDJSON:
            lines = [self._rewritten(schema, line) for line in answered.body.splitlines()]
            return answered.holding(b"".join(b"%s\n" % line for line in lines))
        return answered.holding(self._rewritten(schema, answered.body))

    def rewrite(self, schema: Part, value: typing.Any) -> typing.Any:
        """A value of a schema, changed."""
        raise NotImplementedError

    def _rewritten(self, schema: Part, text: bytes) -> bytes:
        return orjson.dumps(self.rewrite(schema, orjson.loads(text)))

    def schema(self, operation: Operation, asked: Asked, answered: Answered) -> Part | None:
        """What the document says of an answer's JSON, or of each of its lines; None where it has none of its own."""
        media_type = answered.media_type
        if media_type == PROBLEM:
            return typing.cast("Part", self.described.schemas["Problem"])
        content = operation.answers.get(str(answered.code), {}).get("content", {})
        if media_type not in content or media_type == _LINKED:
            return None
        schema = content[media_type]["schema"]
        if media_type == NDJSON:
            schema = schema["contentSchema"]
        elif not is_json(media_type):
            return None
        return asked_for(schema, selected=asked.value("fields") is not None)

    def meant(self, schema: Part, value: typing.Any) -> Part:
        """The schema that a value keeps to: what is referred to, and of alternatives the one it is."""
        schema = self.described.resolved(schema)
        for keyword in ("oneOf", "anyOf"):
            if keyword in schema:
                for each in schema[keyword]:
                    if not self.described.faults(each, value):
                        return self.meant(each, value)
        return schema
