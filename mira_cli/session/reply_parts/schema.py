"""A JSON Schema from a file, and whether a value fits it. Needs the extra `mira-cli[schema]`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.session.reply_parts import json_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from referencing.jsonschema import SchemaResource

_LARGEST = 4 * 1024 * 1024
_LONGEST_PROBLEM = 300
_DEEPEST = 500  # brackets of a schema: far below what Python reads and cannot write again
# Brackets of a value: a validator takes some steps down for each, and Python has about a thousand.
_DEEPEST_CHECKED = 50


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema that was found to be one.

    Attributes:
        value: The schema itself, an object or a boolean.
        problem: What does not fit in a value, with its JSON path; "" if it fits.
    """

    value: Any
    problem: Callable[[Any], str]

    @property
    def text(self) -> str:
        """The schema as compact JSON."""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":"))


def load_schema(path: str) -> Schema:
    """Read a schema. References within it are followed, others never fetched.

    Raises:
        UsageError: jsonschema is not installed, or the file is no usable schema.
    """
    try:
        import jsonschema
        from referencing.exceptions import Unresolvable
        from referencing.jsonschema import EMPTY_REGISTRY, specification_with
    except ImportError:
        raise UsageError("--schema needs jsonschema: pip install 'mira-cli[schema]'") from None
    value = _read(path)
    kind = jsonschema.validators.validator_for(value, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(value)
    except jsonschema.SchemaError as error:
        raise _bad(path, f"{error.json_path}: {_cut(error.message)}") from None
    except RecursionError:
        raise _bad(path, "it is nested too deeply") from None
    specification = specification_with(kind.META_SCHEMA["$schema"])
    resource = specification.create_resource(value)
    resolver = EMPTY_REGISTRY.resolver_with_root(resource)
    try:
        _follow(resource, resolver)
    except Unresolvable as error:
        raise _bad(path, f"its reference {error.ref} leads nowhere within it") from None
    validator = kind(value, registry=EMPTY_REGISTRY)
    return Schema(value, lambda found: _problem(validator, found, path))


def _read(path: str) -> Any:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"Cannot read the schema {path}: {error.strerror}.") from error
    if len(data) > _LARGEST:
        raise _bad(path, f"it is over {_LARGEST // 1024**2} MB")
    try:
        found = json_value.parse(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _bad(path, "it is not UTF-8 text") from None
    if found is None:
        raise _bad(path, "it is not JSON")
    if json_value.depth(found.value) > _DEEPEST:
        raise _bad(path, "it is nested too deeply")
    if not isinstance(found.value, (dict, bool)):
        raise _bad(path, "a schema is an object, true or false")
    if isinstance(found.value, dict) and not isinstance(found.value.get("$schema", ""), str):
        raise _bad(path, "its $schema is not a text")
    return found.value


def _follow(resource: SchemaResource, resolver: Any) -> None:
    """Look up each reference of a schema. Raises Unresolvable."""
    if isinstance(resource.contents, dict):
        for keyword in ("$ref", "$dynamicRef"):
            reference = resource.contents.get(keyword)
            if isinstance(reference, str):
                resolver.lookup(reference)
    for inner in resource.subresources():
        _follow(inner, resolver.in_subresource(inner))


def _problem(validator: Any, value: Any, path: str) -> str:
    from jsonschema.exceptions import best_match

    try:
        error = best_match(validator.iter_errors(value))
    except RecursionError:
        if json_value.depth(value) > _DEEPEST_CHECKED:
            return "$: it is nested too deeply to be checked"
        raise _bad(path, "it refers to itself without end") from None
    except (ArithmeticError, ValueError) as failure:  # a number beyond floats, for one
        return f"$: {failure}"
    return f"{error.json_path}: {_cut(error.message)}" if error else ""


def _cut(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_PROBLEM else line[:_LONGEST_PROBLEM] + "…"


def _bad(path: str, why: str) -> UsageError:
    return UsageError(f"{path} is not a usable JSON Schema: {why}.")
