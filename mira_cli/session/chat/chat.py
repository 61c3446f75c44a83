"""`mira chat`: settles how it behaves and shows its first line, before anything large is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.session.opening import find_or_ask_key, open_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.session.chat.options import ChatOptions
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams

_KEYS, _PLAIN_KEYS = "Enter sends, Alt-Enter adds a line", "Enter sends, \\ Enter adds a line"
_HELP = "/help lists commands"


def chat(options: ChatOptions, flags: Mapping[str, object], streams: Streams, env: Mapping[str, str]) -> int:
    """Talk until the person leaves, or the lines of a pipe end.

    Returns:
        The exit code: 0 for a person; for a pipe that of the last line that failed.

    Raises:
        MiraError: The chat cannot begin, was ended by a signal, or its answers cannot be written.
        ReaderGone: Nobody reads the answers any more.
    """
    settings = open_settings(streams, env, flags, quiet=options.quiet, verbose=options.verbose)
    streams.check_stdout()
    key = find_or_ask_key(streams, env, settings)
    if not streams.in_tty:
        from mira_cli.session.chat.opening import hold_chat

        return hold_chat(options, settings, key, flags, streams, env)
    from mira_cli.terminal.prompt.keyboard import hold_keys

    keyboard = hold_keys(streams)  # before the header, so that nothing typed is echoed into it
    try:
        _show_header(streams, settings)
        from mira_cli.session.chat.opening import hold_chat

        return hold_chat(options, settings, key, flags, streams, env, keyboard)
    finally:
        keyboard.release()


def _show_header(streams: Streams, settings: Settings) -> None:
    """The first line, as much of it as fits, before the input line is loaded."""
    if streams.plain:  # in words and commas: a screen reader reads signs out
        name = f"Mira, model {settings.model}"
        keys, help_, between = _PLAIN_KEYS, f"{_HELP}.", ". "
    else:
        name = f"Mira  {settings.model}"
        keys, help_, between = _KEYS, _HELP, " · "
    headers = (f"{name}{between}{keys}, {help_}", f"{name}{between}{help_}", name)
    width = streams.err_width()
    streams.note(next((header for header in headers if len(header) <= width), name))
