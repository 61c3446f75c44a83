"""One message of a conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Role: TypeAlias = "Literal['system', 'user', 'assistant']"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the API takes it: `role` and `content` (Mira's page "Messages API", Message format)."""

    role: Role
    content: str


def well_formed(text: str) -> str:
    """The text made valid UTF-8: surrogate pairs become their character, lone ones U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
