"""A setting's value as people see it: one line, whatever it holds."""

from __future__ import annotations

_BREAKS = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def display(value: object) -> str:
    """The value in one line; "" for what is not set. Several texts are a JSON list, as `config set` takes."""
    if value is None or value == ():
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, tuple):
        if len(value) == 1 and not value[0].startswith("["):
            return display(value[0])
        import json

        return visible(json.dumps(value, ensure_ascii=False))
    return visible(str(value))


def visible(text: str) -> str:
    """`text` with what cannot be seen, or acts on a terminal, as JSON escapes: JSON means the same."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    units = character.encode("utf-16-be", "surrogatepass").hex("-", 2).split("-")
    return _BREAKS.get(character) or "".join(f"\\u{unit}" for unit in units)
