"""Checks a value against a JSON Schema, as a program of its own: `python -m … SECONDS`.

jsonschema-rs can take exponential time over a recursive schema, and only a process can be stopped within it.
Reads `[schema, value]` as JSON; writes, as a JSON string, what does not fit: `$.items[0]: …`, "" if all does.
Exits with 1 when it takes longer than SECONDS.
"""

from __future__ import annotations

import faulthandler
import json
import re
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import jsonschema_rs

_LONGEST_PROBLEM = 300
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def main() -> None:
    """Check the value on standard input."""
    faulthandler.dump_traceback_later(float(sys.argv[1]), exit=True)  # stops native code, too
    schema, value = json.load(sys.stdin)
    sys.stdout.write(json.dumps(_problem(schema, value)))


def _problem(schema: Any, value: Any) -> str:
    import jsonschema_rs

    try:
        errors = list(jsonschema_rs.validator_for(schema).iter_errors(value))
    except (ArithmeticError, ValueError) as failure:  # half of a surrogate pair, for one
        return f"$: {failure}"
    return describe(_most_telling(errors)) if errors else ""


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


def describe(error: jsonschema_rs.ValidationError) -> str:
    """A line that says where something does not fit, and why: `$.items[0]: …`."""
    steps = []
    for step in error.instance_path:
        if isinstance(step, int):
            steps.append(f"[{step}]")
        else:
            steps.append(f".{step}" if _IDENTIFIER.fullmatch(step) else f"[{json.dumps(step)}]")
    return f"${''.join(steps)}: {shorten(error.message)}"


def shorten(message: str) -> str:
    """A message as one line of reasonable length."""
    line = " ".join(message.split())
    return line if len(line) <= _LONGEST_PROBLEM else line[:_LONGEST_PROBLEM] + "…"


if __name__ == "__main__":
    main()
