"""The environment that other programs get from us."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def for_children(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without the key: an editor or a key command has no business with it."""
    return {name: value for name, value in env.items() if name != "MIRA_API_KEY"}
