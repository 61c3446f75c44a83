"""Makes a small value that matches a simple JSON Schema."""

from __future__ import annotations

from typing import Any

_MAX_DEPTH = 16  # of a schema that refers to itself
_MAX_MERGES = 6  # of nested schemas
_MAX_LENGTH = 10_000  # characters or items, whatever a schema asks for
_TEXT = {"type": "string"}  # for properties without a schema
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
    """A value for `schema`: types, enum, const, required, bounds, lengths, local $ref, allOf, anyOf, oneOf.

    Ignores patterns, conditions and multipleOf, so the value may not match them.
    """
    if not isinstance(schema, dict) or depth > _MAX_DEPTH:
        return None
    root = schema if root is None else root
    schema = _merged(schema, root)
    given = [schema[word] for word in ("const", "default") if word in schema]
    given += [*_get(schema, "enum", []), *_get(schema, "examples", [])]
    return given[0] if given else _of_type(schema, root, depth)


def _of_type(schema: dict[str, Any], root: object, depth: int) -> Any:
    kind = schema.get("type", "object")  # whatever else it says about arrays, strings …, an object fits
    if isinstance(kind, list):
        kind = next((name for name in kind if name != "null"), "null")
    match kind:
        case "object":
            properties = _get(schema, "properties", {})
            # All properties on the top level, to show the shape; only the required ones below.
            names = [*(properties if depth == 0 else ()), *map(str, _get(schema, "required", []))]
            return {name: instance(properties.get(name, _TEXT), root, depth + 1) for name in names}
        case "array":
            return _array(schema, root, depth)
        case "string":
            text = _FORMATS.get(str(schema.get("format")), "simulated")
            return text.ljust(_length(schema, "minLength"), ".")[: _length(schema, "maxLength", _MAX_LENGTH)]
        case "number" | "integer":
            return _number(schema, whole=kind == "integer")
        case "boolean":
            return True
    return None


def _get(schema: dict[str, Any], word: str, default: Any) -> Any:
    """The value of a keyword, `default` if it is missing or of another type."""
    value = schema.get(word)
    return value if isinstance(value, type(default)) and not isinstance(value, bool) else default


def _length(schema: dict[str, Any], word: str, default: int = 0) -> int:
    length: int = _get(schema, word, default)
    return max(0, min(length, _MAX_LENGTH))


def _merged(schema: dict[str, Any], root: object, depth: int = 0) -> dict[str, Any]:
    """The schema merged with its $ref, all of allOf, and the first of anyOf and oneOf."""
    parts = [_lookup(schema["$ref"], root)] if "$ref" in schema else []
    parts += [*_get(schema, "allOf", []), *_get(schema, "anyOf", [])[:1], *_get(schema, "oneOf", [])[:1]]
    merged = {
        word: value for word, value in schema.items() if word not in {"$ref", "allOf", "anyOf", "oneOf"}
    }
    for part in parts:
        if not isinstance(part, dict) or depth == _MAX_MERGES:
            continue
        other = _merged(part, root, depth + 1)
        properties = {**_get(other, "properties", {}), **_get(merged, "properties", {})}
        required = [*_get(other, "required", []), *_get(merged, "required", [])]
        merged = {**other, **merged, "properties": properties, "required": required}
    return merged


def _lookup(reference: object, root: Any) -> Any:
    """The target of a local reference such as #/$defs/node, None if there is none."""
    for step in str(reference).removeprefix("#").strip("/").split("/"):
        if step:
            name = step.replace("~1", "/").replace("~0", "~")
            root = root.get(name) if isinstance(root, dict) else None
    return root


def _array(schema: dict[str, Any], root: object, depth: int) -> list[Any]:
    items = [instance(part, root, depth + 1) for part in _get(schema, "prefixItems", [])]
    missing = max(0, _length(schema, "minItems") - len(items))
    items += [instance(schema.get("items", _TEXT), root, depth + 1)] * missing
    if schema.get("uniqueItems"):
        items = [f"{item}{place}" if isinstance(item, str) else item for place, item in enumerate(items)]
    return items


def _number(schema: dict[str, Any], *, whole: bool) -> float:
    """The lowest allowed number, else one that is not over the highest."""
    above, below, low, high = (
        value if isinstance(value := schema.get(word), int | float) and not isinstance(value, bool) else None
        for word in ("exclusiveMinimum", "exclusiveMaximum", "minimum", "maximum")
    )
    if above is not None and below is not None and not whole:
        return (above + below) / 2
    low = low if above is None else above + 1
    high = high if below is None else below - 1
    return min(high or 0, 0) if low is None else low
