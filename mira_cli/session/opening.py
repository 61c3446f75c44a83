"""Opens a run of `ask`, `chat` or `batch`: client, conversation and observer, joined in a Session."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from mira_cli.api.deadline import Limits, Observer
from mira_cli.conversation.message import Options
from mira_cli.conversation.sizes import budget_for
from mira_cli.session.startup import find_or_ask_key
from mira_cli.settings.keys import REPLACING
from mira_cli.terminal.stdio import reader_has_left

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mira_cli.api.client import Client
    from mira_cli.api.models import ModelInfo
    from mira_cli.conversation.history import Conversation, Trimmed
    from mira_cli.settings import keys
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.reasoning import ReasoningView
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writers import Form, Writer


class TurnObserver(Observer):
    """Receives the events of a turn, from the turn and from its client. These methods do nothing."""

    def begin(self, writer: Writer) -> None:
        """A turn begins, whose notices go to this writer."""

    def sending(self) -> None:
        """A request is about to be sent. May block, to pace requests."""

    def receiving(self) -> None:
        """Text has arrived, or the wait is over. May be called more than once."""

    def reasoning(self, text: str) -> None:
        """A piece of the model's reasoning has arrived, to be shown before the answer."""

    def end(self) -> None:
        """The turn is over, however it ended."""


@dataclass
class Session:
    """Everything that a turn needs. Changes during a chat."""

    streams: Streams
    settings: Settings
    client: Client
    conversation: Conversation
    options: Options
    observer: TurnObserver
    form: Form = "text"
    raw: bool = False  # show Markdown unrendered
    prefix: str = ""  # written before a reply on a terminal that cannot draw
    last_sent: Trimmed | None = None  # the last request; None before the first one of a conversation

    def new_writer(self) -> Writer:
        """The writer for the next reply, picked by the current settings."""
        streams, theme, whole = self.streams, self.settings.theme, not self.settings.stream
        if self.form != "text":
            from mira_cli.terminal.writers import EventsWriter, JsonWriter

            return JsonWriter(streams) if self.form == "json" else EventsWriter(streams)
        drawn = not self.raw and self.settings.sanitize != "never"  # drawn replies are always sanitised
        if drawn and streams.draws:
            from mira_cli.terminal.drawn_writers import MarkdownWriter, RowsWriter

            return RowsWriter(streams, theme, whole=True) if whole else MarkdownWriter(streams, theme)
        if drawn and not streams.out_tty and streams.stdout.color:
            from mira_cli.terminal.drawn_writers import RowsWriter

            return RowsWriter(streams, theme, whole=whole)
        from mira_cli.terminal.writers import PlainWriter

        return PlainWriter(streams, self.settings.sanitize, self.prefix, whole=whole)

    def write_part(self, text: str, result: Result) -> None:
        """Write a part of a complete reply to standard output: exactly in a pipe, sanitised on a terminal.

        Raises:
            ReaderGone, OutputError, Interrupted: It cannot be written.
        """
        from mira_cli.terminal.writers import PlainWriter

        writer = PlainWriter(self.streams, self.settings.sanitize)
        writer.write(text)
        writer.done(result)


class TerminalObserver(TurnObserver):
    """Shows a waiting line, passes notices to the writer, and logs with --verbose."""

    def __init__(self, streams: Streams) -> None:
        from mira_cli.terminal.progress import WaitingLine
        from mira_cli.terminal.writers import Writer

        self._streams = streams
        self._line = WaitingLine(streams)
        self._writer = self._no_writer = Writer(streams)
        self._reasoning: ReasoningView | None = None

    def begin(self, writer: Writer) -> None:
        """Send notices to this writer from now on."""
        self._writer = writer

    def sending(self) -> None:
        """Show the waiting line."""
        self._line.start()

    def receiving(self) -> None:
        """Erase the waiting line; end the reasoning."""
        self._line.stop()
        self._end_reasoning()

    def _end_reasoning(self) -> None:
        reasoning, self._reasoning = self._reasoning, None
        if reasoning is not None:
            reasoning.end()

    def reasoning(self, text: str) -> None:
        """Show the reasoning in place of the waiting line; not with --quiet."""
        if self._streams.quiet:
            return
        self._line.stop()
        if self._reasoning is None:
            from mira_cli.terminal.reasoning import ReasoningView

            self._reasoning = ReasoningView(self._streams)
        self._reasoning.feed(text)

    def end(self) -> None:
        """Like `receiving`; after it, notices go to standard error again."""
        self.receiving()
        self._writer = self._no_writer

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:
        """Count down on the waiting line; the JSON writers get a notice."""
        self._line.retrying(wait, attempt, of, reason)
        self._writer.notice("retry", f"{reason}, retry {attempt} of {of} in {wait:.1f} s")

    def notice(self, kind: str, message: str) -> None:
        """Pass it to the writer, which knows when it can print a line."""
        self._end_reasoning()
        self._writer.notice(kind, message)

    def log(self, line: str) -> None:
        """Log a step with --verbose; on a terminal, not in the middle of a reply."""
        if self._streams.verbose:
            self.notice("log", line)


def options_from(settings: Settings) -> Options:
    """The request options in the settings."""
    return Options(
        model=settings.model,
        temperature=settings.temperature,
        top_p=settings.top_p,
        max_tokens=settings.max_tokens,
        stop=settings.stop,
        fold_system=settings.fold_system,
    )


def budget_from(settings: Settings, model: ModelInfo | None = None) -> int:
    """The token budget of a conversation; without `model`, for the model in the settings."""
    from mira_cli.api.models import builtin

    model = model or builtin(settings.model)
    return budget_for(model.context_window, model.max_output, settings.context)


def limits_from(settings: Settings) -> Limits:
    """The time limits and retries in the settings."""
    return Limits(settings.timeout, settings.connect_timeout, settings.max_time, settings.retries)


def client_with(
    key: keys.Key | None,
    env: Mapping[str, str],
    settings: Settings,
    observer: Observer,
    *,
    output: int | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Client:
    """A client with this key, or without one.

    `output` is a descriptor whose reader is watched; `sleep` as for `Client`.

    Raises:
        ConfigError: A network variable cannot be used.
    """
    from mira_cli.api.client import Client
    from mira_cli.api.request import Server

    server = Server(settings.base_url)
    if key is not None:
        label = f"key {key.mask} from {key.source}"
        server = Server(settings.base_url, key.value, label, REPLACING[key.source])
    reader_left = partial(reader_has_left, output)
    return Client(server, limits_from(settings), observer, env=env, reader_left=reader_left, sleep=sleep)


def open_session(
    streams: Streams,
    env: Mapping[str, str],
    settings: Settings,
    conversation: Conversation,
    *,
    key: keys.Key | None = None,
    form: Form = "text",
    raw: bool = False,
) -> Session:
    """A session with a client, whose connection opens later. Looks the key up unless it is given.

    Raises:
        AuthError: There is no usable key.
        ConfigError: A network variable cannot be used.
    """
    observer = TerminalObserver(streams)
    key = key or find_or_ask_key(streams, env, settings)
    client = client_with(key, env, settings, observer, output=streams.output)
    return Session(streams, settings, client, conversation, options_from(settings), observer, form, raw)
