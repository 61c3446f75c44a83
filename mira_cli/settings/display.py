"""A setting's value as people see it: one line, whatever it holds."""

from __future__ import annotations

import json


def display(value: object) -> str:
    """The value in one line; "" for what is not set. Several texts are a JSON list, as `config set` takes."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, tuple):
        one = len(value) == 1 and not value[0].startswith("[")
        value = value[0] if one else json.dumps(value, ensure_ascii=False)
    return visible(str(value))


def visible(text: str) -> str:
    """`text` with what cannot be seen, or acts on a terminal, as JSON escapes: JSON means the same."""
    return "".join(
        each if each.isprintable() else json.dumps(each)[1:-1].replace("\x7f", "\\u007f") for each in text
    )
