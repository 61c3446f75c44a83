"""A JSON Schema from a file, and whether a value fits it. Needs the extra `mira-cli[schema]`.

jsonschema-rs validates: its patterns run on an engine that takes linear time or stops after a number of
steps, so no pattern can keep it busy for long.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.session.reply_parts import json_value

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import NoReturn

    import jsonschema_rs

_LARGEST = 4 * 1024 * 1024
_LONGEST_PROBLEM = 300
_DEEPEST = 200  # brackets of a schema or a value: below what jsonschema-rs reads
_DRAFT = re.compile(r"https?://json-schema\.org/(draft-0[467]|draft/20(19-09|20-12))/schema#?")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Schema:
    """A usable schema: its value, an object or a boolean, and what checks it."""

    value: Any
    validator: jsonschema_rs.Validator

    @property
    def text(self) -> str:
        """The schema as compact JSON."""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":"))

    def problem(self, value: Any) -> str:
        """What does not fit in a value, with its JSON path as `$.items[0]: …`; "" if it fits."""
        if json_value.depth(value) > _DEEPEST:
            return "$: it is nested too deeply to be checked"
        try:
            errors = list(self.validator.iter_errors(value))
        except (ArithmeticError, ValueError) as failure:  # half of a surrogate pair, for one
            return f"$: {failure}"
        if not errors:
            return ""
        error = _most_telling(errors)
        return f"{_path(error.instance_path)}: {_cut(error.message)}"


def load_schema(path: str) -> Schema:
    """Read a schema. References within it are followed; nothing is ever fetched.

    Raises:
        UsageError: The extra is not installed, or the file is no usable schema.
    """
    try:
        import jsonschema_rs
    except ImportError:
        raise UsageError("--schema needs jsonschema: pip install 'mira-cli[schema]'") from None
    value = _read(path)
    known = value
    if isinstance(value, dict) and not _DRAFT.fullmatch(value.get("$schema", "")):  # read as the latest draft
        known = {name: inner for name, inner in value.items() if name != "$schema"}
    try:
        return Schema(value, jsonschema_rs.validator_for(known, retriever=_refuse))
    except jsonschema_rs.ValidationError as error:
        raise _bad(path, f"{_path(error.instance_path)}: {_cut(error.message)}") from None
    except (jsonschema_rs.ReferencingError, ValueError) as error:
        raise _bad(path, _cut(str(error)).rstrip(".")) from None


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not in the file")


def _read(path: str) -> Any:
    try:
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        raise UsageError(f"Cannot read the schema {path}: {error.strerror}.") from error
    if len(data) > _LARGEST:
        raise _bad(path, f"it is over {_LARGEST // 1024**2} MB")
    try:
        found = json_value.parse_strict(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _bad(path, "it is not UTF-8 text") from None
    except ValueError as error:
        raise _bad(path, str(error)) from None
    if json_value.depth(found.value) > _DEEPEST:
        raise _bad(path, "it is nested too deeply")
    if not isinstance(found.value, (dict, bool)):
        raise _bad(path, "a schema is an object, true or false")
    if isinstance(found.value, dict) and not isinstance(found.value.get("$schema", ""), str):
        raise _bad(path, "its $schema is not a text")
    return found.value


def _most_telling(errors: Sequence[jsonschema_rs.ValidationError]) -> jsonschema_rs.ValidationError:
    """The first error; for a value that fits none of several schemas, the error of the nearest one."""
    error = errors[0]
    branches: Iterable[Sequence[jsonschema_rs.ValidationError]] = getattr(error.kind, "context", None) or ()
    reached = [(min(len(each.instance_path) for each in branch), branch) for branch in branches if branch]
    if not reached:
        return error
    deepest = max(depth for depth, _ in reached)
    nearest = [branch for depth, branch in reached if depth == deepest]
    return _most_telling(nearest[0]) if len(nearest) == 1 else error


def _path(steps: Iterable[str | int]) -> str:
    parts = []
    for step in steps:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            parts.append(f".{step}" if _IDENTIFIER.fullmatch(step) else f"[{json.dumps(step)}]")
    return "$" + "".join(parts)


def _cut(message: str) -> str:
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_PROBLEM else line[:_LONGEST_PROBLEM] + "…"


def _bad(path: str, why: str) -> UsageError:
    return UsageError(f"{path} is not a usable JSON Schema: {why}.")
