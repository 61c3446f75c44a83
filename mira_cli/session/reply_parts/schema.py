"""A JSON Schema from a file, and whether a value fits it. Needs the extra `mira-cli[schema]`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mira_cli.errors import UsageError
from mira_cli.session.reply_parts import json_value, schema_check
from mira_cli.settings.keys import without_key

if TYPE_CHECKING:
    from typing import NoReturn

_LARGEST = 4 * 1024 * 1024
_DEEPEST = 200  # brackets of a schema or a value: below what jsonschema-rs reads
_DRAFT = re.compile(r"https?://json-schema\.org/(draft-0[467]|draft/20(19-09|20-12))/schema#?")


@dataclass(frozen=True, slots=True)
class Schema:
    """A usable schema.

    Attributes:
        value: As the file has it, an object or a boolean.
        checked: The same, without a `$schema` that jsonschema-rs does not know.
        time_limit: Seconds that a check may take.
    """

    value: Any
    checked: Any
    time_limit: float

    @property
    def text(self) -> str:
        """The schema as compact JSON."""
        return json.dumps(self.value, ensure_ascii=False, separators=(",", ":"))

    def problem(self, value: Any) -> str:
        """What does not fit in a value, with its JSON path as `$.items[0]: …`; "" if it fits."""
        if json_value.depth(value) > _DEEPEST:
            return "$: it is nested too deeply to be checked"
        done = subprocess.run(
            [sys.executable, "-P", "-m", schema_check.__name__, str(self.time_limit)],
            input=json.dumps([self.checked, value]),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=without_key(os.environ),
            text=True,
            check=False,
        )
        if done.returncode:
            return f"$: it can't be checked within {self.time_limit:g} s"
        return str(json.loads(done.stdout))


def load_schema(path: str, *, time_limit: float) -> Schema:
    """Read a schema. References within it are followed; nothing is ever fetched.

    Args:
        path: The file.
        time_limit: Seconds that the check of a value may take.

    Raises:
        UsageError: The extra is not installed, or the file is no usable schema.
    """
    try:
        import jsonschema_rs
    except ImportError:
        raise UsageError("--schema needs jsonschema: pip install 'mira-cli[schema]'") from None
    value = checked = _read(path)
    if isinstance(value, dict) and not _DRAFT.fullmatch(value.get("$schema", "")):  # read as the latest draft
        checked = {name: inner for name, inner in value.items() if name != "$schema"}
    try:
        jsonschema_rs.validator_for(checked, retriever=_refuse)
    except jsonschema_rs.ValidationError as error:
        raise _bad(path, schema_check.describe(error)) from None
    except (jsonschema_rs.ReferencingError, ValueError) as error:
        raise _bad(path, schema_check.shorten(str(error)).rstrip(".")) from None
    return Schema(value, checked, time_limit)


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


def _bad(path: str, why: str) -> UsageError:
    return UsageError(f"{path} is not a usable JSON Schema: {why}.")
