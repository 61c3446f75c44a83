"""Checks a value against a JSON Schema, in a child process: `python -m … SECONDS`.

jsonschema-rs can take exponential time and memory with a recursive schema, and only a process can be stopped
then. The child reads `[schema]` or `[schema, value]` as JSON, and writes what is wrong as a JSON string. It
fails if it takes more than SECONDS or more than MEMORY.
"""

from __future__ import annotations

import faulthandler
import json
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    import jsonschema_rs

MEMORY = 1 << 30  # maximum bytes of address space; most checks take 200 MB
_LONGEST_PROBLEM = 300
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DRAFT = re.compile(r"https?://json-schema\.org/(draft-0[467]|draft/20(19-09|20-12))/schema#?")


def check(time_limit: float, *schema_and_value: Any) -> str:
    """What is wrong with a schema, or with a value: `$.items[0]: …`; "" for nothing."""
    import os
    import subprocess

    from mira_cli.settings.keys import without_key
    from mira_cli.terminal.sanitize import clean_line

    done = subprocess.run(
        [sys.executable, "-P", "-m", __name__, str(time_limit)],
        input=json.dumps(schema_and_value),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=without_key(os.environ),
        text=True,
        check=False,
    )
    if done.returncode:
        return f"$: it can't be checked within {time_limit:g} s and {MEMORY >> 30} GB of memory"
    return clean_line(json.loads(done.stdout), _LONGEST_PROBLEM)


def main() -> None:
    """Check the schema or value on standard input."""
    faulthandler.dump_traceback_later(float(sys.argv[1]), exit=True)  # stops native code too
    with suppress(ImportError, OSError, ValueError):  # not on Windows; fails if lower limits are set
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(_problem(*json.load(sys.stdin))))


def _problem(schema: Any, *values: Any) -> str:
    import jsonschema_rs

    dialect = schema.get("$schema", "") if isinstance(schema, dict) else ""
    if isinstance(dialect, str) and dialect and not _DRAFT.fullmatch(dialect):  # read as the latest draft
        schema = {name: inner for name, inner in schema.items() if name != "$schema"}
    if not isinstance(schema, dict | bool):
        return "a schema is an object, true or false"
    try:
        validator = jsonschema_rs.validator_for(schema, retriever=_refuse)
        errors = [error for value in values for error in validator.iter_errors(value)]
    except jsonschema_rs.ValidationError as error:
        return _describe(error)
    except (ArithmeticError, ValueError) as failure:  # lone surrogates, nested too deeply …
        return f"$: {failure}"
    return _describe(_most_telling(errors)) if errors else ""


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"{uri} is not in the file")


def _most_telling(errors: Sequence[jsonschema_rs.ValidationError]) -> jsonschema_rs.ValidationError:
    """The first error; for anyOf and oneOf, the error of the branch that comes nearest to matching."""
    branches = [branch for branch in getattr(errors[0].kind, "context", None) or () if branch]
    depths = [min(len(error.instance_path) for error in branch) for branch in branches]
    deepest = max(depths, default=0)
    return _most_telling(branches[depths.index(deepest)]) if depths.count(deepest) == 1 else errors[0]


def _describe(error: jsonschema_rs.ValidationError) -> str:
    """Where the value doesn't match, and why: `$.items[0]: …`."""
    path = "$"
    for step in error.instance_path:
        named = isinstance(step, str) and _IDENTIFIER.fullmatch(step)
        path += f".{step}" if named else f"[{json.dumps(step)}]"
    text, elsewhere, _ = error.message.partition(" is not present in a registry")
    return f"{path}: {text} is not in the file" if elsewhere else f"{path}: {text}"


if __name__ == "__main__":
    main()
