"""The names of the colours of code."""

from __future__ import annotations

from mira_cli.errors import UsageError

OWN = ("auto", "light", "dark", "ansi")
"""Names that are no style of Pygments: `auto` and `ansi` fit any background."""


def is_theme(name: str) -> bool:
    """Whether there are such colours: one of ours, or a style that Pygments or a plugin of it brings."""
    if name in OWN:
        return True
    from pygments.styles import get_all_styles  # type: ignore[import-untyped]

    return name in get_all_styles()


def check_theme(name: str) -> None:
    """See that a theme which somebody chooses is there.

    Raises:
        UsageError: It is not; the nearest name is told.
    """
    if is_theme(name):
        return
    from difflib import get_close_matches  # noqa: PLC0415 - only for the message

    from pygments.styles import get_all_styles

    near = get_close_matches(name, (*OWN, *get_all_styles()), n=1)
    raise UsageError(
        f"theme must be {', '.join(OWN)} or a Pygments style, not {name}.",
        hint=f"Did you mean {near[0]}?" if near else "",
    )
