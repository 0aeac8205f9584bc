"""The changes between two OpenAPI documents: paths, operations, parameters, bodies, responses, headers, security."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterator

from api.contract.diff.change import Change, Level
from api.contract.diff.node import Document, Node, parameters
from api.contract.diff.subschema import Comparison, Role
from api.contract.diff.supported import METHODS, check_supported
from api.contract.diff.wording import text_changes
from api.openapi.parameters import ACCEPTED_PARAMETERS
from api.openapi.responses import BY_REQUEST
from schemas.json_pointer import escape

_PROBLEM = "application/problem+json"
_DEPRECATED = (Level.SAFE, "It is now deprecated."), (Level.SAFE, "It is not deprecated any longer.")
_Key = typing.TypeVar("_Key", str, tuple[str, str])
# The schemes and scopes of one way to authenticate.
_Requirement = dict[str, set[str]]


def differences(old: Document, new: Document) -> list[Change]:
    """Return every change from one document to another, the breaking ones first.

    Raises ValueError if a document is not OpenAPI 3.1, has a construct that cannot be compared, or has a reference
    without a target.
    """
    check_supported(old)
    check_supported(new)
    before, after = Node(old, old), Node(new, new)
    try:
        changes = [*_Differ(before, after).changes(), *text_changes(before, after)]
    except RecursionError:
        raise ValueError("A schema in one of the documents refers only to itself.") from None
    # A component is compared at each of its uses.
    unique = {(change.pointer, change.reason): change for change in changes}
    return sorted(unique.values(), key=lambda change: (-change.level, change.pointer, change.reason))


def _breaking(pointer: str, reason: str) -> Change:
    return Change(pointer, Level.BREAKING, reason)


def _safe(pointer: str, reason: str) -> Change:
    return Change(pointer, Level.SAFE, reason)


def _compare(
    title: str,
    old: dict[_Key, Node],
    new: dict[_Key, Node],
    compare: Callable[[Node, Node], Iterator[Change]],
    breaks: Callable[[Node], str] = lambda _: "",
) -> Iterator[Change]:
    """Compare parts by key. `breaks` returns the reason why a new part breaks apps, if it does."""
    for key in sorted(old.keys() | new.keys()):
        if key not in new:
            yield _breaking(old[key].pointer, f"{title.format(key)} was removed.")
        elif key in old:
            yield from compare(old[key], new[key])
        elif why := breaks(new[key]):
            yield _breaking(new[key].pointer, f"{title.format(key)} is new, and {why}.")
        else:
            yield _safe(new[key].pointer, f"{title.format(key)} is new.")


class _Differ:
    """The comparison of two documents. Each schema is compared for breaking changes, then for safe ones."""

    def __init__(self, old: Node, new: Node):
        self._old, self._new = old, new
        self._compared: set[tuple[str, str]] = set()
        self._comparisons: dict[Role, tuple[Comparison, Comparison]] = {
            role: (Comparison(role, breaking=True), Comparison(role, breaking=False)) for role in typing.get_args(Role)
        }

    def changes(self) -> Iterator[Change]:
        yield from _names("/servers", "server", _servers(self._old), _servers(self._new))
        yield from _compare("The path {}", self._old.children("paths"), self._new.children("paths"), self._path)

    def _path(self, old: Node, new: Node) -> Iterator[Change]:
        def compare(before: Node, after: Node) -> Iterator[Change]:
            listed = _parameters(old, before), _parameters(new, after)
            yield from _compare("The {0[0]} parameter {0[1]}", *listed, self._parameter, _required_reason)
            yield from _hidden(before, after)
            yield from self._operation(before, after)

        yield from _compare("The operation", old.parts(*METHODS), new.parts(*METHODS), compare)

    def _operation(self, old: Node, new: Node) -> Iterator[Change]:
        old_id, new_id = old.value.get("operationId"), new.value.get("operationId")
        if old_id != new_id:
            why = f"The operationId, by which generated clients call the operation, was {old_id} and is {new_id}."
            yield _breaking(f"{new.pointer}/operationId", why)
        yield from _names(f"{new.pointer}/tags", "tag", *(set(node.value.get("tags", ())) for node in (old, new)))
        yield from _flag("deprecated", old, new, *_DEPRECATED)
        yield from self._security(old, new)
        bodies = old.parts("requestBody"), new.parts("requestBody")
        yield from _compare("The body", *bodies, self._body, _required_reason)
        responses = old.children("responses"), new.children("responses")
        yield from _compare("The status {}", *responses, self._response, _status_reason)

    def _parameter(self, old: Node, new: Node) -> Iterator[Change]:
        old, new = old.resolved, new.resolved
        yield from _required(old, new, "The parameter")
        yield from _flag("deprecated", old, new, *_DEPRECATED)
        before, after = (node.value.get("explode", node.value["in"] == "query") for node in (old, new))
        if before != after:
            why = "The format of several values changed: they are now " + ("separate." if after else "comma-separated.")
            yield _breaking(f"{new.pointer}/explode", why)
        yield from self._schema("request", old, new)

    def _body(self, old: Node, new: Node) -> Iterator[Change]:
        yield from _required(old, new, "The body")
        yield from self._content("request", old, new)

    def _response(self, old: Node, new: Node) -> Iterator[Change]:
        old, new = old.resolved, new.resolved
        # Operations share components, whose changes are reported once.
        if (old.pointer, new.pointer) in self._compared:
            return
        self._compared.add((old.pointer, new.pointer))
        yield from _compare("The header {}", _headers(old), _headers(new), self._header)
        yield from _compare("The link {}", old.children("links"), new.children("links"), _link)
        yield from self._content("response", old, new)

    def _header(self, old: Node, new: Node) -> Iterator[Change]:
        old, new = old.resolved, new.resolved
        always, absent = "The header is now always present.", "The header can now be absent."
        yield from _flag("required", old, new, (Level.SAFE, always), (Level.BREAKING, absent))
        yield from self._schema("response", old, new)

    def _content(self, role: Role, old: Node, new: Node) -> Iterator[Change]:
        def compare(before: Node, after: Node) -> Iterator[Change]:
            yield from self._schema(role, before, after)
            if after.pointer.endswith(escape(_PROBLEM)):
                yield from _names(after.pointer, "problem code", _problem_codes(before), _problem_codes(after))

        before, after = ({**part.children("content"), **part.children(BY_REQUEST)} for part in (old, new))
        why = "the response did not have a body" if role == "response" and not before else ""
        yield from _compare("The media type {}", before, after, compare, lambda _: why)
        yield from _moved(role, old, new)

    def _schema(self, role: Role, old: Node, new: Node) -> Iterator[Change]:
        """Compare the schemas of two parts.

        The new schema must allow every request that the old one allows. It must not allow more responses.
        """
        before, after = old.at("schema"), new.at("schema")
        narrow, wide = (before, after) if role == "request" else (after, before)
        forward, backward = self._comparisons[role]
        breaking = forward.differences(narrow, wide)
        yield from breaking
        # Schemas that cannot be compared differ in both directions.
        reported = {change.pointer for change in breaking}
        yield from (change for change in backward.differences(wide, narrow) if change.pointer not in reported)

    def _security(self, old: Node, new: Node) -> Iterator[Change]:
        before, after = _requirements(self._old, old), _requirements(self._new, new)
        at = f"{new.pointer}/security"
        for requirement in before:
            if not any(_satisfies(requirement, other) for other in after):
                ways = " or ".join(map(_title_of_requirement, after))
                yield _breaking(at, f"{_title_of_requirement(requirement)} is no longer sufficient, only {ways}.")
            elif requirement not in after:
                yield _safe(at, f"{_title_of_requirement(requirement)} is no longer stated, but still sufficient.")
        for requirement in after:
            if requirement not in before:
                yield _safe(at, f"{_title_of_requirement(requirement)} is now sufficient.")
        schemes, new_schemes = (
            document.value.get("components", {}).get("securitySchemes", {}) for document in (self._old, self._new)
        )
        used = {name for requirement in before for name in requirement}
        for name in used & (schemes.keys() | new_schemes.keys()):
            before_scheme, after_scheme = ({**of.get(name, {}), "description": ""} for of in (schemes, new_schemes))
            if before_scheme != after_scheme:
                yield _breaking(f"/components/securitySchemes/{escape(name)}", "The security scheme changed.")


def _link(old: Node, new: Node) -> Iterator[Change]:
    old, new = old.resolved, new.resolved
    for key in ("operationId", "parameters", "requestBody"):
        if old.value.get(key) != new.value.get(key):
            yield _breaking(f"{new.pointer}/{key}", f"The link to another operation changed its `{key}`.")


def _servers(document: Node) -> set[str]:
    return {server["url"] for server in document.value.get("servers") or [{"url": "/"}]}


def _names(pointer: str, title: str, old: set[str], new: set[str]) -> Iterator[Change]:
    for name in old - new:
        yield _breaking(pointer, f"The {title} {name} was removed.")
    for name in new - old:
        yield _safe(pointer, f"The {title} {name} is new.")


def _flag(name: str, old: Node, new: Node, added: tuple[Level, str], removed: tuple[Level, str]) -> Iterator[Change]:
    before, after = (bool(node.value.get(name)) for node in (old, new))
    if before != after:
        yield Change(f"{new.pointer}/{name}", *(added if after else removed))


def _parameters(path: Node, operation: Node) -> dict[tuple[str, str], Node]:
    """Return the parameters of a path and of its operation, which override those of the path."""
    lists = [*path.parts("parameters").values(), *operation.parts("parameters", ACCEPTED_PARAMETERS).values()]
    return {key: parameter for listed in lists for key, parameter in parameters(listed).items()}


def _hidden(old: Node, new: Node) -> Iterator[Change]:
    """Yield the parameters that are now hidden from generated clients, and those that are not hidden any longer."""
    before, after = (
        {name for listed in node.parts(ACCEPTED_PARAMETERS).values() for name in parameters(listed)}
        for node in (old, new)
    )
    for key in before ^ after:
        verb = "now lack" if key in after else "now have"
        yield _safe(
            f"{new.pointer}/{ACCEPTED_PARAMETERS}", f"Generated clients {verb} the {key[0]} parameter {key[1]}."
        )


def _moved(role: Role, old: Node, new: Node) -> Iterator[Change]:
    """Yield the media types that clients now get only by request, and those that they now get without one."""
    before, after = (part.children("content") for part in (old, new))
    # A client that requests no media type still gets one of those that it knows. A request is still accepted.
    level = Level.SAFE if role == "request" or before.keys() & after.keys() else Level.BREAKING
    for name, media_type in new.children(BY_REQUEST).items():
        if name in before:
            yield Change(media_type.pointer, level, f"The media type {name} is now returned only by request.")
    for name in old.children(BY_REQUEST).keys() & after.keys():
        yield _safe(after[name].pointer, f"The media type {name} is now documented for all requests.")


def _required(old: Node, new: Node, title: str) -> Iterator[Change]:
    required, optional = f"{title} is now required.", f"{title} is now optional."
    return _flag("required", old, new, (Level.BREAKING, required), (Level.SAFE, optional))


def _required_reason(part: Node) -> str:
    return "it is required" if part.resolved.value.get("required") else ""


def _status_reason(response: Node) -> str:
    status = response.pointer.rpartition("/")[2]
    return "" if status[0] in "45" or status == "304" else "apps do not expect it"


def _headers(response: Node) -> dict[str, Node]:
    """Return the headers of a response by name. Names of headers are case-insensitive."""
    return {name.lower(): header for name, header in response.children("headers").items()}


def _problem_codes(media_type: Node) -> set[str]:
    """Return the codes of the problems in the examples of a response."""
    examples = [media_type.value.get("example")]
    examples += [example.get("value") for example in media_type.value.get("examples", {}).values()]
    return {example["code"] for example in examples if isinstance(example, dict) and "code" in example}


def _requirements(document: Node, operation: Node) -> list[_Requirement]:
    """Return the ways to authenticate, each of which is sufficient. An empty one requires nothing."""
    security = operation.value.get("security", document.value.get("security")) or [{}]
    return [{scheme: set(scopes) for scheme, scopes in requirement.items()} for requirement in security]


def _satisfies(credentials: _Requirement, requirement: _Requirement) -> bool:
    return all(scheme in credentials and scopes <= credentials[scheme] for scheme, scopes in requirement.items())


def _title_of_requirement(requirement: _Requirement) -> str:
    schemes = [f"{scheme} ({', '.join(sorted(scopes)) or 'no scope'})" for scheme, scopes in requirement.items()]
    return "Authentication with " + " and ".join(schemes) if schemes else "No authentication"
