"""A small value that fits a simple JSON Schema (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_MAX_DEPTH = 16  # of a schema that refers to itself
_MAX_MERGES = 6  # of schemas that are put into one another
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
_TYPE_HINTS = {
    "items": "array",
    "prefixItems": "array",
    "minLength": "string",
    "pattern": "string",
    "format": "string",
    "minimum": "number",
}


def instance(schema: object, root: object = None, depth: int = 0) -> Any:
    """A value for `schema`: types, enum, const, required, bounds, lengths, local $ref, allOf, anyOf, oneOf.

    Patterns, conditions and multipleOf are ignored, so the value may not match those.
    """
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return None
    root = schema if root is None else root
    schema = _merged(schema, root)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    for word in ("enum", "examples"):
        if isinstance(schema.get(word), list) and schema[word]:
            return schema[word][0]
    make = _MAKERS.get(_type_of(schema))
    return make(schema, root, depth) if make else None


def _merged(schema: dict[str, Any], root: object, depth: int = 0) -> dict[str, Any]:
    """The schema with its $ref, all of allOf and the first of anyOf and oneOf put into it."""
    if depth > _MAX_MERGES:
        return {}
    parts = [_lookup(schema["$ref"], root)] if "$ref" in schema else []
    for word in ("allOf", "anyOf", "oneOf"):
        listed = schema.get(word)
        if isinstance(listed, list):
            parts += listed if word == "allOf" else listed[:1]
    result = {
        word: value for word, value in schema.items() if word not in {"$ref", "allOf", "anyOf", "oneOf"}
    }
    for part in parts:
        other = _merged(part, root, depth + 1) if isinstance(part, dict) else {}
        both = {**other, **result}
        if isinstance(other.get("properties"), dict) and isinstance(result.get("properties"), dict):
            both["properties"] = {**other["properties"], **result["properties"]}
        if isinstance(other.get("required"), list) and isinstance(result.get("required"), list):
            both["required"] = [*other["required"], *result["required"]]
        result = both
    return result


def _lookup(reference: object, root: object) -> object:
    """What a local reference such as #/$defs/node points to, None if there is nothing."""
    found = root
    for step in str(reference).removeprefix("#").strip("/").split("/"):
        if step:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, dict) else None
    return found


def _type_of(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    if isinstance(kind, str):
        return kind
    return next((hint for word, hint in _TYPE_HINTS.items() if word in schema), "object")


def _object(schema: dict[str, Any], root: object, depth: int) -> dict[str, Any]:
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    names = [str(name) for name in required] if isinstance(required, list) else []
    # The top level shows all properties, so that its shape can be seen; below are only the required ones.
    wanted = dict.fromkeys([*properties, *names] if depth == 0 else names)
    return {name: instance(properties.get(name, {"type": "string"}), root, depth + 1) for name in wanted}


def _array(schema: dict[str, Any], root: object, depth: int) -> list[Any]:
    first = schema.get("prefixItems")
    items = [instance(part, root, depth + 1) for part in first] if isinstance(first, list) else []
    missing = _length(schema, "minItems", 0) - len(items)
    if missing > 0:
        items += [instance(schema.get("items", {"type": "string"}), root, depth + 1)] * missing
    if schema.get("uniqueItems"):
        items = [f"{item}{place}" if isinstance(item, str) else item for place, item in enumerate(items)]
    return items


def _length(schema: dict[str, Any], word: str, default: int) -> int:
    value = schema.get(word)
    return min(value, _MAX_LENGTH) if isinstance(value, int) and value >= 0 else default


def _string(schema: dict[str, Any], _root: object, _depth: int) -> str:
    text = _FORMATS.get(str(schema.get("format")), "simulated")
    return text.ljust(_length(schema, "minLength", 0), ".")[: _length(schema, "maxLength", _MAX_LENGTH)]


def _number(schema: dict[str, Any], _root: object, _depth: int) -> float:
    def bound(word: str) -> float | None:
        value = schema.get(word)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    above, below = bound("exclusiveMinimum"), bound("exclusiveMaximum")
    if above is not None and below is not None and schema.get("type") != "integer":
        return (above + below) / 2
    low = above + 1 if above is not None else bound("minimum")
    high = below - 1 if below is not None else bound("maximum")
    if low is None:
        return min(high, 0) if high is not None else 0
    return low


_MAKERS: dict[str, Callable[[dict[str, Any], object, int], Any]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "number": _number,
    "integer": _number,
    "boolean": lambda _schema, _root, _depth: True,
}
