"""A small value that fits a simple JSON Schema (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_DEPTH = 16  # of a schema that refers to itself
_MAX_LENGTH = 10_000  # characters or items, whatever a schema asks for

_FORMATS = {
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "date-time": "2026-01-01T12:00:00Z",
    "email": "simulated@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
    "hostname": "example.com",
}


def instance(schema: object, root: object = None, depth: int = 0) -> Any:
    """A minimal instance of `schema`: types, enum, required, ranges, lengths, $ref, allOf and others.

    Patterns and conditions are ignored, so the value may not match those.
    """
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return None
    root = schema if root is None else root
    schema = _resolved(schema, root)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    for word in ("enum", "examples"):
        if isinstance(schema.get(word), list) and schema[word]:
            return schema[word][0]
    for word in ("oneOf", "anyOf"):
        if isinstance(schema.get(word), list) and schema[word]:
            return instance(_merged(schema, schema[word][0], word), root, depth + 1)
    return _MAKERS.get(_type_of(schema), _nothing)(schema, root, depth)


def _resolved(schema: dict[str, Any], root: object) -> dict[str, Any]:
    for _ in range(_MAX_DEPTH):
        if "$ref" in schema:
            target = _pointed_at(str(schema["$ref"]), root)
            schema = {**(target if isinstance(target, dict) else {}), **_without(schema, "$ref")}
        elif isinstance(schema.get("allOf"), list):
            parts, schema = schema["allOf"], _without(schema, "allOf")
            for part in parts:
                schema = _joined(schema, _resolved(part, root) if isinstance(part, dict) else {})
        else:
            break
    return schema


def _pointed_at(reference: str, root: object) -> object:
    found = root
    for step in reference.removeprefix("#").strip("/").split("/"):
        if step:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
    return found


def _without(schema: dict[str, Any], word: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != word}


def _merged(schema: dict[str, Any], part: object, word: str) -> dict[str, Any]:
    return _joined(_without(schema, word), part if isinstance(part, dict) else {})


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    joined = {**one, **other}
    if "properties" in one and "properties" in other:
        joined["properties"] = {**one["properties"], **other["properties"]}
    if "required" in one and "required" in other:
        joined["required"] = [*one["required"], *other["required"]]
    return joined


def _type_of(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    if isinstance(kind, str):
        return kind
    hints = (("properties", "object"), ("required", "object"), ("items", "array"), ("prefixItems", "array"))
    more = (("minLength", "string"), ("pattern", "string"), ("format", "string"), ("minimum", "number"))
    return next((name for word, name in hints + more if word in schema), "object")


def _object(schema: dict[str, Any], root: object, depth: int) -> Any:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    names = [str(name) for name in required] if isinstance(required, list) else []
    # The top level shows all properties, so that its shape can be seen; below are only the required ones.
    wanted = dict.fromkeys(list(properties) + names if depth == 0 else names)
    return {name: instance(properties.get(name, {"type": "string"}), root, depth + 1) for name in wanted}


def _array(schema: dict[str, Any], root: object, depth: int) -> Any:
    first = schema.get("prefixItems")
    items = [instance(part, root, depth + 1) for part in first] if isinstance(first, list) else []
    least = min(_length(schema, "minItems", 0), _MAX_LENGTH)
    while len(items) < least:
        items.append(instance(schema.get("items", {"type": "string"}), root, depth + 1))
    if schema.get("uniqueItems"):
        items = [f"{item}{place}" if isinstance(item, str) else item for place, item in enumerate(items)]
    return items


def _string(schema: dict[str, Any], _root: object, _depth: int) -> Any:
    text = _FORMATS.get(str(schema.get("format")), "simulated")
    text = text.ljust(min(_length(schema, "minLength", 0), _MAX_LENGTH), ".")
    return text[: _length(schema, "maxLength", _MAX_LENGTH)]


def _length(schema: dict[str, Any], word: str, default: int) -> int:
    value = schema.get(word)
    return value if isinstance(value, int) and value >= 0 else default


def _number(schema: dict[str, Any], _root: object, _depth: int) -> Any:
    whole = schema.get("type") == "integer"
    bounds = {word: _bound(schema, word) for word in _BOUNDS}
    step = _bound(schema, "multipleOf") or (1 if whole else 0)
    low = max((b for b in (bounds["minimum"], bounds["exclusiveMinimum"]) if b is not None), default=None)
    high = min((b for b in (bounds["maximum"], bounds["exclusiveMaximum"]) if b is not None), default=None)
    value = low if low is not None else min(high, 0) if high is not None else 0
    if step:
        # Down from an upper bound, up from a lower one, to the next multiple.
        value = -(-value // step) * step if low is not None or value == 0 else value // step * step
    if value == bounds["exclusiveMinimum"]:
        value = value + step if step else (value + high) / 2 if high is not None else value + 1
    if value == bounds["exclusiveMaximum"]:
        value -= step or 1
    return value


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _bound(schema: dict[str, Any], word: str) -> float | None:
    value = schema.get(word)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _boolean(_schema: dict[str, Any], _root: object, _depth: int) -> Any:
    return True


def _nothing(_schema: dict[str, Any], _root: object, _depth: int) -> Any:
    return None


_MAKERS: dict[str, Callable[[dict[str, Any], object, int], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _number,
    "boolean": _boolean,
}
