"""Session: all that a turn needs."""

from __future__ import annotations

from mira_cli.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mira_cli.api.client import Client
    from mira_cli.conversation.history import Conversation
    from mira_cli.conversation.reply import Chunk
    from mira_cli.conversation.request import Options, Request
    from mira_cli.session.watching import Watch
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writer import Writer


class Session:
    """One run's sender, conversation, options and streams. Changes as a chat goes on.

    Attributes:
        streams: The standard streams.
        settings: The settings in force.
        client: Sends requests.
        conversation: What was said so far.
        options: How the model should answer.
        watch: What the client tells while a reply is under way.
        new_writer: Makes the writer of the next reply.
        trimmed: Messages left out of the last request.
    """

    def __init__(
        self,
        streams: Streams,
        settings: Settings,
        client: Client,
        conversation: Conversation,
        options: Options,
        watch: Watch,
        new_writer: Callable[[], Writer],
    ) -> None:
        self.streams = streams
        self.settings = settings
        self.client = client
        self.conversation = conversation
        self.options = options
        self.watch = watch
        self.new_writer = new_writer
        self.trimmed = 0

    def send(self, request: Request, writer: Writer) -> Generator[Chunk, None, None]:
        """Ask the API; its reply in chunks as they come. The writer gets ready while the server thinks."""
        return self.client.send(request, writer.prepare)

    def show(self, text: str) -> None:
        """Write a part of a reply to standard output: exact in a pipe, made safe on a terminal.

        Raises:
            ReaderGone, OutputError, Interrupted: It cannot be written.
        """
        when = self.settings.sanitize
        if when == "always" or (when == "auto" and self.streams.out_tty):
            from mira_cli.terminal.sanitize import clean  # noqa: PLC0415 - a pipe gets the exact bytes

            text = clean(text)
        self.streams.write(text)
