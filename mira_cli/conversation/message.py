"""One message: who said it and what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the API takes it: `role` and `content` (messages-api: Message format)."""

    role: Role
    content: str
