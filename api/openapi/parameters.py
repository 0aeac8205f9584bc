"""Parameters of the OpenAPI document, each defined once under `components/parameters`."""

from __future__ import annotations

import re
import typing
from collections import defaultdict
from collections.abc import Iterator

import orjson

Part = dict[str, typing.Any]
# The names of its owners, the shared one first: the tag of its path, and its operation. Then its place in a list.
_Use = tuple[tuple[str, ...], list[Part], int]

_METHODS = ("get", "put", "post", "patch", "delete")
# The member of an operation with further parameters that it accepts, in the form of `parameters`.
ACCEPTED_PARAMETERS = "x-accepted-parameters"


def hide_namesakes(document: Part) -> None:
    """Move query parameters that have the name of a path parameter to ACCEPTED_PARAMETERS.

    In generated clients, both would be arguments of one name.
    """
    for path in document["paths"].values():
        names = {parameter["name"] for parameter in path.get("parameters", []) if parameter["in"] == "path"}
        for operation in (path[method] for method in _METHODS if method in path):
            parameters = operation.get("parameters", [])
            queries = [parameter for parameter in parameters if parameter.get("in") == "query"]
            if namesakes := [parameter for parameter in queries if parameter["name"] in names]:
                operation["parameters"] = [parameter for parameter in parameters if parameter not in namesakes]
                operation[ACCEPTED_PARAMETERS] = namesakes


def separate_parameters(document: Part) -> None:
    """Move the parameters of a path to its operations if an operation replaces one of them.

    Some generators of clients read both definitions, the replaced one too.
    """
    for path in document["paths"].values():
        operations = [path[method] for method in _METHODS if method in path]
        own = [{(part["in"], part["name"]) for part in _inline(operation)} for operation in operations]
        replaced = [part for part in _inline(path) if any((part["in"], part["name"]) in names for names in own)]
        for parameter in replaced:
            path["parameters"].remove(parameter)
            for operation, names in zip(operations, own, strict=True):
                if (parameter["in"], parameter["name"]) not in names:
                    operation.setdefault("parameters", []).insert(0, dict(parameter))
        if not path.get("parameters"):
            path.pop("parameters", None)


def share_parameters(document: Part) -> None:
    """Move the parameters of all operations to the components, and refer to them.

    A component has the name of its parameter if most operations with this parameter define it alike. Other
    definitions get the tag of their first path as a prefix: `place`, and `quotes.place` for quotes. If another one has
    that name, the prefix is the id of the operation.
    """
    # The uses of each definition by the name of the parameter.
    uses: defaultdict[str, defaultdict[bytes, list[_Use]]] = defaultdict(lambda: defaultdict(list))
    for owners, parameters in _parameter_lists(document):
        for index, parameter in enumerate(parameters):
            if "$ref" not in parameter:
                definition = orjson.dumps(parameter, option=orjson.OPT_SORT_KEYS)
                uses[_plain_name(parameter)][definition].append((owners, parameters, index))
    components = document["components"].setdefault("parameters", {})
    for plain_name, definitions in uses.items():
        total = sum(map(len, definitions.values()))
        for definition, places in definitions.items():
            names = [f"{owner}.{plain_name}" for owner in places[0][0]]
            if 2 * len(places) > total:
                names = [plain_name]
            name = next((name for name in names if name not in components), None)
            if name is None:
                raise ValueError(f"Two definitions of a parameter share the name {names[-1]}.")
            components[name] = orjson.loads(definition)
            for _, parameters, index in places:
                parameters[index] = {"$ref": f"#/components/parameters/{name}"}


def _parameter_lists(document: Part) -> Iterator[tuple[tuple[str, ...], list[Part]]]:
    """Yield the parameters of each path and operation, with the names of their owners."""
    for path in document["paths"].values():
        operations = [path[method] for method in _METHODS if method in path]
        tag = operations[0]["tags"][0]
        yield (tag,), path.get("parameters", [])
        for operation in operations:
            for listed in ("parameters", ACCEPTED_PARAMETERS):
                yield (tag, operation["operationId"]), operation.get(listed, [])


def _inline(part: Part) -> list[Part]:
    """Return the parameters of a path or operation that are not references."""
    return [parameter for parameter in part.get("parameters", []) if "$ref" not in parameter]


def _plain_name(parameter: Part) -> str:
    """Return the name of a parameter with the characters that the names of components can have.

    >>> _plain_name({"in": "query", "name": "on_record[gte]"}), _plain_name({"in": "path", "name": "id"})
    ('on_record.gte', 'path.id')
    """
    name = re.sub(r"[^A-Za-z0-9._-]+", ".", parameter["name"]).strip(".")
    return name if parameter["in"] == "query" else f"{parameter['in']}.{name}"
