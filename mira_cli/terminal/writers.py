"""The ways a reply is put out: the door that picks one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from mira_cli.terminal.sanitize import Sanitizer
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writer import Writer

Form: TypeAlias = "Literal['text', 'json', 'events']"  # for people, or one of the two forms for programs


def open_writer(
    streams: Streams,
    *,
    form: Form = "text",
    raw: bool = False,
    stream: bool = True,
    sanitize: str = "auto",
    theme: str = "",
    prefix: str = "",
) -> Writer:
    """The writer for one reply.

    Args:
        streams: Where it goes; `streams.color.answer` and `streams.plain` decide how.
        form: For people, or one of the two forms for programs.
        raw: Show Markdown as it comes.
        stream: Show the reply while it arrives; else all of it at its end.
        sanitize: Neutralise control characters: auto (on a terminal), always, never. Text that is to be
            drawn as Markdown always is, so `never` on a terminal also means unrendered.
        theme: Name of the colours of code.
        prefix: What stands before the reply on a terminal that cannot draw: `Mira: ` in a plain chat.
    """
    if form == "json":
        from mira_cli.terminal.json_writers import JsonWriter

        return JsonWriter(streams)
    if form == "events":
        from mira_cli.terminal.json_writers import EventsWriter

        return EventsWriter(streams)
    rendered = not raw and sanitize != "never"
    if rendered and streams.out_tty and not streams.plain:
        if not stream:
            from mira_cli.terminal.rendered_writer import RenderedWriter

            return RenderedWriter(streams, theme)
        from mira_cli.terminal.markdown_writers import MarkdownWriter

        return MarkdownWriter(streams, theme)
    writer = _unmoved_writer(streams, rendered=rendered, sanitize=sanitize, theme=theme, prefix=prefix)
    if stream:
        return writer
    from mira_cli.terminal.plain_writers import WholeWriter

    return WholeWriter(writer)


def _unmoved_writer(streams: Streams, *, rendered: bool, sanitize: str, theme: str, prefix: str) -> Writer:
    """A writer that moves no cursor: for pipes, and for terminals that cannot draw or should not."""
    if rendered and not streams.out_tty and streams.color.answer:
        from mira_cli.terminal.paged_writer import PagedWriter

        return PagedWriter(streams, theme)
    from mira_cli.terminal.plain_writers import PlainWriter, TerminalWriter

    sanitizer = sanitizer_for(streams, sanitize)
    if streams.out_tty:
        return TerminalWriter(streams, sanitizer, prefix)
    return PlainWriter(streams, sanitizer)


def sanitizer_for(streams: Streams, when: str) -> Sanitizer | None:
    """What makes undrawn text safe; None where its exact bytes are wanted. `when` is as of `--sanitize`."""
    if when == "always" or (when == "auto" and streams.out_tty):
        from mira_cli.terminal.sanitize import Sanitizer

        return Sanitizer()
    return None
