"""Two OpenAPI documents, compared: paths, operations, parameters, bodies, answers, headers, security."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator

from api.contract.diff.change import Change, Document, Level, escaped
from api.contract.diff.reasons import Role, pointer, reason
from api.contract.diff.references import references, touched
from api.contract.diff.schema_node import Spot, resolved
from api.contract.diff.subschema import Comparison, shown
from api.contract.diff.wording import worded

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_PROBLEM = "application/problem+json"
# Parts of an operation that are compared by name, or that only people read.
_COMPARED = frozenset(
    [
        "operationId",
        "parameters",
        "requestBody",
        "responses",
        "security",
        "deprecated",
        "tags",
        "summary",
        "description",
        "externalDocs",
        "servers",
    ]
)
_COMPARED_OF_PATH = frozenset([*METHODS, "$ref", "parameters", "servers", "summary", "description"])
_COMPARED_OF_ROOT = frozenset(["openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"])


def differences(old: Document, new: Document) -> list[Change]:
    """Every change from one document to another, the breaking ones first.

    Raises ValueError where one is no OpenAPI 3.1 document, has a reference that leads nowhere, or has something else
    than OpenAPI wants in some place.
    """
    for document in (old, new):
        if not str(document.get("openapi", "")).startswith("3.1.") or not isinstance(document.get("paths"), dict):
            raise ValueError("It is no OpenAPI 3.1 document: `openapi` has to be 3.1.x, and there have to be `paths`.")
    found = _Differences(old, new)
    try:
        found.compare()
        words = list(worded(old, new))
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise ValueError(f"{found.at} is not as OpenAPI 3.1 has it, in one of the documents: {error}.") from None
    except RecursionError:
        raise ValueError(f"{found.at} has schemas that are within each other without an end.") from None
    changes = {(change.pointer, change.reason): change for change in found.changes}
    for change in words:
        changes.setdefault((change.pointer, change.reason), change)
    return sorted(changes.values(), key=lambda change: (-change.level, change.pointer, change.reason))


_Parameters = dict[tuple[str, str], tuple[str, Document]]


class _Differences:
    """The changes found so far, and how to find more."""

    def __init__(self, old: Document, new: Document):
        self.old, self.new = old, new
        self.changes: list[Change] = []
        # What is being compared.
        self.at = "The document"
        self._compared: set[tuple[str, int, int]] = set()
        self._touched: set[str] = set()
        self._runs: dict[Role, tuple[Comparison, Comparison]] = {
            "request": (Comparison("narrow", forward=True), Comparison("narrow", forward=False)),
            "answer": (Comparison("wide", forward=True), Comparison("wide", forward=False)),
        }

    def compare(self) -> None:
        old, new = self.old["paths"], self.new["paths"]
        self._touched = touched(self.old, self.new)
        self._servers("/servers", [self.old], [self.new])
        self._unknown("", self.old, self.new, _COMPARED_OF_ROOT)
        for path in old.keys() - new.keys():
            self._breaks(f"/paths/{escaped(path)}", "The path is gone.")
        for path in new.keys() - old.keys():
            self._adds(f"/paths/{escaped(path)}", "The path is new.")
        for path in old.keys() & new.keys():
            self.at = f"/paths/{escaped(path)}"
            _, at, old_item, new_item = self._resolved(self.at, self.at, old[path], new[path])
            self._unknown(at, old_item, new_item, _COMPARED_OF_PATH)
            mine, theirs = _methods(old_item), _methods(new_item)
            for method in mine.keys() - theirs.keys():
                self._breaks(f"{at}/{method}", "The operation is gone.")
            for method in theirs.keys() - mine.keys():
                self._adds(f"{at}/{method}", "The operation is new.")
            for method in mine.keys() & theirs.keys():
                self._operation(f"{at}/{method}", mine[method], theirs[method], old_item, new_item)

    def _breaks(self, at: str, why: str) -> None:
        self.changes.append(Change(at, Level.BREAKING, why))

    def _adds(self, at: str, why: str) -> None:
        self.changes.append(Change(at, Level.SAFE, why))

    def _resolved(self, was_at: str, at: str, old: Document, new: Document) -> tuple[str, str, Document, Document]:
        """Where a part stands in both documents, among the components where it is referred to, and the part of each."""
        return _stands(was_at, old), _stands(at, new), resolved(self.old, old), resolved(self.new, new)

    def _reaches(self, operation: Document, item: Document) -> bool:
        """Whether an operation that says the same means something else."""
        changed = self.old.get("security") != self.new.get("security")
        named = {f"#/components/securitySchemes/{scheme}" for way in _needs(self.new, operation) for scheme in way}
        referred = references([operation, item.get("parameters")])
        return changed or not self._touched.isdisjoint(referred | named)

    def _first(self, at: str, old: Document, new: Document) -> bool:
        """Whether these two are compared for the first time: what is referred to often is told of once."""
        key = (at, id(old), id(new))
        first = key not in self._compared
        self._compared.add(key)
        return first

    def _servers(self, at: str, old: list[Document], new: list[Document]) -> None:
        """Compare where something is, which its nearest part says that says it; said nowhere, it is at the root."""
        mine, theirs = (
            {server["url"] for server in next((part["servers"] for part in parts if part.get("servers")), [_ROOT])}
            for parts in (old, new)
        )
        for url in mine - theirs:
            self._breaks(at, f"The service is no longer at {url}.")
        for url in theirs - mine:
            self._adds(at, f"The service is also at {url}.")

    def _operation(self, at: str, old: Document, new: Document, old_item: Document, new_item: Document) -> None:
        self.at = at
        if any("servers" in part for part in (old, new, old_item, new_item)):
            self._servers(f"{at}/servers", [old, old_item, self.old], [new, new_item, self.new])
        if (old, old_item.get("parameters")) == (new, new_item.get("parameters")) and not self._reaches(new, new_item):
            return
        if old.get("operationId") != new.get("operationId"):
            told = f"was {shown(old.get('operationId'))} and is {shown(new.get('operationId'))}"
            self._breaks(f"{at}/operationId", f"Generated clients call the operation by its id, which {told}.")
        for tag in set(old.get("tags", [])) - set(new.get("tags", [])):
            self._breaks(f"{at}/tags", f"Generated clients have the operation under {tag}, where it is no longer.")
        for tag in set(new.get("tags", [])) - set(old.get("tags", [])):
            self._adds(f"{at}/tags", f"The operation is also under {tag}.")
        self._deprecated(at, old, new)
        self._unknown(at, old, new, _COMPARED)
        self._parameters(_parameters(self.old, at, old_item, old), _parameters(self.new, at, new_item, new))
        self._body(f"{at}/requestBody", old.get("requestBody"), new.get("requestBody"))
        self._answers(f"{at}/responses", old.get("responses", {}), new.get("responses", {}))
        self._security(at, old, new)

    def _deprecated(self, at: str, old: Document, new: Document) -> None:
        if bool(old.get("deprecated")) != bool(new.get("deprecated")):
            self._adds(f"{at}/deprecated", f"It is {'' if new.get('deprecated') else 'no longer '}marked deprecated.")

    def _unknown(self, at: str, old: Document, new: Document, known: Iterable[str]) -> None:
        """What this knows nothing of may be added, and not changed."""
        keys = {key for key in {*old, *new} if not key.startswith("x-")} - set(known)
        for key in keys:
            if key in old and old[key] != new.get(key):
                self._breaks(f"{at}/{escaped(key)}", f"`{key}` differs, and nothing is known of what that means.")
            elif key not in old:
                self._adds(f"{at}/{escaped(key)}", f"`{key}` is new.")

    def _parameters(self, old: _Parameters, new: _Parameters) -> None:
        for where, name in old.keys() - new.keys():
            place, parameter = old[where, name]
            self._breaks(place, f"The {where} parameter {parameter['name']} is gone.")
        for where, name in new.keys() - old.keys():
            place, parameter = new[where, name]
            what = f"The {where} parameter {parameter['name']}"
            if parameter.get("required"):
                self._breaks(place, f"{what} is new and has to be sent.")
            else:
                self._adds(place, f"{what} is new and need not be sent.")
        for where, name in old.keys() & new.keys():
            place, is_ = new[where, name]
            was_at, was = old[where, name]
            if not self._first(place, was, is_):
                continue
            self._needed(place, was, is_, f"The {where} parameter {is_['name']}")
            self._deprecated(place, was, is_)
            mine, theirs = _written(where, was), _written(where, is_)
            for keyword in mine:
                if mine[keyword] != theirs[keyword]:
                    told = f"`{keyword}` was {shown(mine[keyword])}"
                    self._breaks(f"{place}/{keyword}", f"It is written another way: {told}.")
            self._content_or_schema("request", was_at, place, was, is_)
            known = (
                "name in required deprecated style explode allowReserved schema content description example examples"
            )
            self._unknown(place, was, is_, known.split())

    def _needed(self, at: str, old: Document, new: Document, what: str) -> None:
        if new.get("required") and not old.get("required"):
            self._breaks(f"{at}/required", f"{what} has to be sent now.")
        if old.get("required") and not new.get("required"):
            self._adds(f"{at}/required", f"{what} need not be sent any more.")

    def _body(self, at: str, old: Document | None, new: Document | None) -> None:
        if old is None and new is None:
            return
        if new is None:
            self._breaks(at, "The operation takes no body any more.")
        elif old is None:
            needed = resolved(self.new, new).get("required")
            told = "has to be sent" if needed else "can be sent, and need not be"
            (self._breaks if needed else self._adds)(at, f"A body {told} now.")
        else:
            was_at, place, mine, theirs = self._resolved(at, at, old, new)
            self._needed(place, mine, theirs, "The body")
            self._media("request", was_at, place, mine, theirs)

    def _content_or_schema(self, role: Role, was_at: str, at: str, old: Document, new: Document) -> None:
        """What a parameter or header holds: as its style writes it by its schema, or of a media type."""
        if ("content" in old) != ("content" in new):
            told = ("written by its schema", "of a media type")
            was, is_ = told if "content" in new else reversed(told)
            self._breaks(at, f"It is written another way: it was {was} and is {is_}.")
        else:
            self._schema(role, was_at, at, old.get("schema"), new.get("schema"))
            self._media(role, was_at, at, old, new)

    def _media(self, role: Role, was_at: str, at: str, old: Document, new: Document) -> None:
        """Compare the `content` of a part."""
        was_at, at = f"{was_at}/content", f"{at}/content"
        old, new = old.get("content", {}), new.get("content", {})
        for name in old.keys() - new.keys():
            told = "can no longer be sent" if role == "request" else "is no longer answered"
            self._breaks(f"{at}/{escaped(name)}", f"{name} {told}.")
        for name in new.keys() - old.keys():
            if role == "answer" and not old:
                self._breaks(f"{at}/{escaped(name)}", f"There is a body, {name}, where there was none.")
            else:
                told = "can be sent" if role == "request" else "can be had"
                self._adds(f"{at}/{escaped(name)}", f"{name} {told}, too.")
        for name in old.keys() & new.keys():
            place = f"{at}/{escaped(name)}"
            was = f"{was_at}/{escaped(name)}"
            self._schema(role, was, place, old[name].get("schema"), new[name].get("schema"))
            self._unknown(place, old[name], new[name], ("schema", "example", "examples"))
            if name == _PROBLEM:
                mine, theirs = _codes(self.old, old[name]), _codes(self.new, new[name])
                for code in sorted(mine - theirs):
                    self._breaks(place, f"The problem {code} is no longer said to occur here.")
                for code in sorted(theirs - mine):
                    self._adds(place, f"The problem {code} may occur here, too.")

    def _schema(self, role: Role, was_at: str, at: str, old: typing.Any, new: typing.Any) -> None:
        """Compare two schemas: what was allowed in a request still has to be, and in an answer no more may come."""
        if old is None and new is None:
            return
        before = Spot(self.old, True if old is None else old, f"{was_at}/schema")
        after = Spot(self.new, True if new is None else new, f"{at}/schema")
        forward, backward = self._runs[role]
        narrow, wide = (before, after) if role == "request" else (after, before)
        breaking = forward.departures(narrow, wide)
        told = {(pointer(each, role, breaking=True), each.keyword) for each in breaking}
        for each in breaking:
            self._breaks(pointer(each, role, breaking=True), reason(each, role, breaking=True))
        for each in backward.departures(wide, narrow):
            place = pointer(each, role, breaking=False)
            # Where two cannot be compared, each departs from the other.
            if (place, each.keyword) not in told:
                self._adds(place, reason(each, role, breaking=False))

    def _answers(self, at: str, old: Document, new: Document) -> None:
        for status in old.keys() - new.keys():
            self._breaks(f"{at}/{status}", f"{status} is no longer answered, and something else instead.")
        for status in new.keys() - old.keys():
            if status[:1] in "45" or status == "304":
                self._adds(f"{at}/{status}", f"{status} may be answered, too.")
            else:
                self._breaks(f"{at}/{status}", f"{status} may be answered, which no app was told of.")
        for status in old.keys() & new.keys():
            here = f"{at}/{status}"
            was_at, place, mine, theirs = self._resolved(here, here, old[status], new[status])
            if not self._first(place, mine, theirs):
                continue
            self._headers(f"{was_at}/headers", f"{place}/headers", mine.get("headers", {}), theirs.get("headers", {}))
            self._media("answer", was_at, place, mine, theirs)
            self._unknown(place, mine, theirs, ("description", "summary", "headers", "content"))

    def _headers(self, was_at: str, at: str, old: Document, new: Document) -> None:
        # Their names are the same in any case.
        mine, theirs = ({name.lower(): name for name in headers} for headers in (old, new))
        for key in mine.keys() - theirs.keys():
            self._breaks(f"{was_at}/{mine[key]}", f"The header {mine[key]} is gone.")
        for key in theirs.keys() - mine.keys():
            self._adds(f"{at}/{theirs[key]}", f"The header {theirs[key]} is new.")
        for key in mine.keys() & theirs.keys():
            name = theirs[key]
            was_place, place, was, is_ = self._resolved(
                f"{was_at}/{mine[key]}", f"{at}/{name}", old[mine[key]], new[name]
            )
            if not self._first(place, was, is_):
                continue
            if was.get("required") and not is_.get("required"):
                self._breaks(f"{place}/required", f"The header {name} may be absent now.")
            if is_.get("required") and not was.get("required"):
                self._adds(f"{place}/required", f"The header {name} is always there now.")
            self._deprecated(place, was, is_)
            self._content_or_schema("answer", was_place, place, was, is_)
            known = ("required", "deprecated", "schema", "content", "description", "example", "examples")
            self._unknown(place, was, is_, known)

    def _security(self, at: str, old: Document, new: Document) -> None:
        mine, theirs = (
            [{scheme: set(scopes) for scheme, scopes in each.items()} for each in _needs(document, operation)]
            for document, operation in ((self.old, old), (self.new, new))
        )
        for way in mine:
            if not any(_enough(way, other) for other in theirs):
                self._breaks(f"{at}/security", f"Who has {_way(way)} may no longer do it; {_ways(theirs)} may.")
        for way in theirs:
            if not any(_enough(way, other) for other in mine):
                self._adds(f"{at}/security", f"Who has {_way(way)} may do it, too.")
        before, after = (document.get("components", {}).get("securitySchemes", {}) for document in (self.old, self.new))
        for name in {name for way in mine for name in way} & before.keys() & after.keys():
            if _without_words(before[name]) != _without_words(after[name]):
                self._breaks(f"/components/securitySchemes/{escaped(name)}", "A key is sent another way.")


_ROOT = {"url": "/"}
_STYLE = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


def _methods(item: Document) -> dict[str, Document]:
    return {method: item[method] for method in METHODS if method in item}


def _parameters(document: Document, at: str, item: Document, operation: Document) -> _Parameters:
    """The parameters of an operation by place and name, each with where it stands.

    Names of headers are the same in any case.
    """
    found: _Parameters = {}
    of_path = at.rpartition("/")[0]
    for place, listed in ((of_path, item.get("parameters", [])), (at, operation.get("parameters", []))):
        for number, each in enumerate(listed):
            part = resolved(document, each)
            name = part["name"].lower() if part["in"] == "header" else part["name"]
            found[part["in"], name] = _stands(f"{place}/parameters/{number}", each), part
    return found


def _stands(at: str, part: Document) -> str:
    """Where a part stands: at the end of its reference, where it is one."""
    reference: str = part.get("$ref", f"#{at}")
    return reference.removeprefix("#")


def _written(where: str, parameter: Document) -> Document:
    """How a parameter's values are written, with what is so unless it is said."""
    style = parameter.get("style", _STYLE[where])
    return {
        "style": style,
        "explode": parameter.get("explode", style == "form"),
        "allowReserved": parameter.get("allowReserved", False),
    }


def _needs(document: Document, operation: Document) -> Iterator[Document]:
    """The ways to be let in, any of which is enough; `{}` asks for nothing."""
    yield from operation.get("security", document.get("security", [])) or [{}]


def _enough(have: dict[str, set[str]], need: dict[str, set[str]]) -> bool:
    return all(scheme in have and scopes <= have[scheme] for scheme, scopes in need.items())


def _without_words(scheme: Document) -> Document:
    return {key: part for key, part in scheme.items() if key != "description"}


def _way(way: dict[str, set[str]]) -> str:
    return (
        " and ".join(f"{scheme} ({', '.join(sorted(scopes)) or 'any'})" for scheme, scopes in way.items()) or "no key"
    )


def _ways(ways: list[dict[str, set[str]]]) -> str:
    return "who has " + " or ".join(_way(way) for way in ways)


def _codes(document: Document, content: Document) -> set[str]:
    """The codes of the problems that an answer's examples are of."""
    named = [resolved(document, each).get("value") for each in content.get("examples", {}).values()]
    examples = [content.get("example"), *named]
    return {each["code"] for each in examples if isinstance(each, dict) and "code" in each}
