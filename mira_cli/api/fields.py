"""The JSON of a reply read field by field, whatever a server has put there. Pure."""

from __future__ import annotations

import json
from typing import Any

from mira_cli.conversation.message import well_formed
from mira_cli.conversation.reply import Usage

_ABSURD = 1e15
# What json.loads does in the end, without its looks at types and white space: half the cost of a small event.
_READ = json.JSONDecoder().raw_decode


def parse_object(data: str) -> dict[str, Any] | None:
    """A JSON object, or None for whatever else it is."""
    value = parse_any(data)
    return value if isinstance(value, dict) else None


def parse_any(data: str) -> Any:
    """A JSON value, None for what is no JSON."""
    try:
        value, end = _READ(data)
        if end == len(data):
            return value
    except (ValueError, RecursionError):
        # White space before it, or no JSON.
        pass
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def joined_parts(parts: list[Any]) -> str:
    """The text of a content that comes as a list of parts."""
    texts = [
        part.get("text") for part in parts if isinstance(part, dict) and part.get("type") in (None, "text")
    ]
    return "".join(text for text in texts if isinstance(text, str))


def whole_characters(text: str) -> tuple[str, str]:
    """Text without lone surrogates, and a first half that may find its second one in the next delta."""
    try:
        text.encode()
    except UnicodeEncodeError:
        half = text[-1] if "\ud800" <= text[-1] <= "\udbff" else ""
        whole = text[:-1] if half else text
        return well_formed(whole), half
    return text, ""


def usage_of(value: object) -> Usage | None:
    """What a server reports; zeros and nulls are not facts. What is left out follows, or is 0."""
    if not isinstance(value, dict):
        return None
    prompt, completion, total = (
        _count(value.get(f"{name}_tokens")) for name in ("prompt", "completion", "total")
    )
    prompt = prompt or max(0, total - completion if completion else 0)
    completion = completion or max(0, total - prompt if prompt else 0)
    if not total and prompt and completion:
        total = prompt + completion
    return Usage(prompt, completion, total) if prompt or completion or total else None


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < _ABSURD:
        return 0
    return int(value)
