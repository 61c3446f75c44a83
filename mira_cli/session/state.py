"""Session: all that a turn needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.conversation.history import LeftOut
from mira_cli.terminal.writers import open_writer, sanitizer_for

if TYPE_CHECKING:
    from collections.abc import Generator

    from mira_cli.api.client import Client
    from mira_cli.conversation.history import Conversation
    from mira_cli.conversation.reply import Chunk
    from mira_cli.conversation.request import Options, Request
    from mira_cli.session.watching import Watch
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writers import Form, Writer


class Session:
    """One run's sender, conversation, options and streams. Changes as a chat goes on.

    Attributes:
        streams: The standard streams.
        settings: The settings in force.
        client: Sends requests.
        conversation: What was said so far.
        options: How the model should answer.
        watch: What the client tells while a reply is under way.
        form: How replies are put out: for people, or in one of the forms for programs.
        raw: Whether Markdown is shown as it comes.
        prefix: What stands before a reply on a terminal that cannot draw.
        left_out: Why messages were left out of the last request.
    """

    def __init__(
        self,
        streams: Streams,
        settings: Settings,
        client: Client,
        conversation: Conversation,
        options: Options,
        watch: Watch,
        *,
        form: Form = "text",
        raw: bool = False,
        prefix: str = "",
    ) -> None:
        self.streams = streams
        self.settings = settings
        self.client = client
        self.conversation = conversation
        self.options = options
        self.watch = watch
        self.form = form
        self.raw = raw
        self.prefix = prefix
        self.left_out = LeftOut()

    def send(self, request: Request, writer: Writer) -> Generator[Chunk, None, None]:
        """Ask the API; its reply in chunks as they come. The writer gets ready while the server thinks."""
        return self.client.send(request, writer.prepare)

    def new_writer(self) -> Writer:
        """The writer of the next reply, as the settings now say."""
        return open_writer(
            self.streams,
            form=self.form,
            raw=self.raw,
            stream=self.settings.stream,
            sanitize=self.settings.sanitize,
            theme=self.settings.theme,
            prefix=self.prefix,
        )

    def show(self, text: str, result: Result) -> None:
        """Write a part of a reply that is complete: exact in a pipe, made safe on a terminal.

        Raises:
            ReaderGone, OutputError, Interrupted: It cannot be written.
        """
        from mira_cli.terminal.writers import PlainWriter

        writer = PlainWriter(self.streams, sanitizer_for(self.streams, self.settings.sanitize))
        writer.write(text)
        writer.done(result)
