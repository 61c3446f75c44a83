"""The token line after a reply: `1,204 in · 312 out · 2.4 s`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.conversation.reply import Usage
    from mira_cli.terminal.streams import Streams

_LONG = 100.0  # seconds from which tenths say nothing


def usage_line(usage: Usage, elapsed: float, between: str = " · ") -> str:
    """What a reply took, in tokens and seconds; `~` before our own estimates."""
    about = "~" if usage.estimated else ""
    seconds = f"{elapsed:,.0f}" if elapsed >= _LONG else f"{elapsed:.1f}"
    parts = (f"{about}{usage.prompt_tokens:,} in", f"{about}{usage.completion_tokens:,} out", f"{seconds} s")
    return between.join(parts)


def show_usage(streams: Streams, usage: Usage, elapsed: float) -> None:
    """Show the line on standard error, by rich where rich drew the answer. Not with `--quiet`."""
    line = usage_line(usage, elapsed, ", " if streams.plain else " · ")  # a screen reader reads signs out
    if streams.out_tty and streams.err_tty and streams.color.stderr and not streams.quiet:
        # Loaded by now. A console of rich would take longer to load than the answer to end.
        from rich.color import ColorSystem
        from rich.style import Style

        streams.draw(Style(dim=True).render(line, color_system=ColorSystem.STANDARD) + "\n")
    else:
        streams.note(line)
