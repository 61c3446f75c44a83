"""The token line after a reply: `1,204 in · 312 out · 2.4 s`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mira_cli.conversation.reply import Usage
    from mira_cli.terminal.streams import Streams

_LONG = 100.0  # seconds from which tenths say nothing


def usage_line(usage: Usage, elapsed: float) -> str:
    """What a reply took, in tokens and seconds; `~` before our own estimates."""
    about = "~" if usage.estimated else ""
    seconds = f"{elapsed:,.0f}" if elapsed >= _LONG else f"{elapsed:.1f}"
    return f"{about}{usage.prompt_tokens:,} in · {about}{usage.completion_tokens:,} out · {seconds} s"


def show_usage(streams: Streams, usage: Usage, elapsed: float) -> None:
    """Show the line on standard error; by rich where it has drawn the answer too. Not with `--quiet`."""
    line = usage_line(usage, elapsed)
    if not (streams.out_tty and streams.err_tty and streams.color.stderr):
        streams.note(line)
    elif not streams.quiet:
        streams.draw(_drawn(line, streams))


def _drawn(line: str, streams: Streams) -> str:
    from io import StringIO  # noqa: PLC0415 - what follows costs far more

    from rich.console import Console  # loaded by now on a terminal, and never for a pipe
    from rich.text import Text

    page = StringIO()
    console = Console(
        file=page,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        width=streams.width(),
        legacy_windows=False,
    )
    console.print(Text(line, style="dim"))
    return page.getvalue()
