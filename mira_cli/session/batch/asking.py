"""Asks one row of a batch, on whichever thread, and says what came of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mira_cli.api.catalog import builtin
from mira_cli.api.retry import LONGEST_WAIT
from mira_cli.conversation.history import Conversation
from mira_cli.errors import AuthError, MiraError, QuotaError, RateLimitError
from mira_cli.session.batch.crew import Halted
from mira_cli.session.batch.rows import BadRow, Row
from mira_cli.session.opening import budget_from
from mira_cli.session.state import Session
from mira_cli.session.turn import take_turn
from mira_cli.session.watching import Watch
from mira_cli.terminal.waiting import WaitingLine
from mira_cli.terminal.writers import SilentWriter

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from threading import Event

    from mira_cli.api.client import Client
    from mira_cli.conversation.reply import Chunk
    from mira_cli.conversation.request import Request
    from mira_cli.session.batch.pace import Pace
    from mira_cli.session.reply_parts.json_reply import JsonFormat
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams
    from mira_cli.terminal.writers import Writer


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a row: a result, or an error."""

    row: Row | BadRow
    result: Result | None = None
    error: MiraError | None = None

    @property
    def ends_run(self) -> bool:
        """Whether the next rows would fare no better: a refused key, no money, a wait of over a minute."""
        error = self.error
        if isinstance(error, AuthError):
            return error.key_refused
        too_long = error is not None and (error.retry_after or 0.0) > LONGEST_WAIT
        return isinstance(error, QuotaError) or (isinstance(error, RateLimitError) and too_long)

    def facts(self, redact: Callable[[str], str]) -> dict[str, object]:
        """The row as it is written. Its id is the one in the input, not the API's."""
        head: dict[str, object] = {"id": self.row.id, "key": self.row.key}
        if self.error is not None:
            error = self.error.as_json()
            error["message"] = redact(self.error.message)
            return {**head, "error": error}
        facts = {} if self.result is None else self.result.as_json()
        facts.pop("id", None)
        return {**head, **facts}


class Waits:
    """Where the workers wait: for their turn, and between two tries. Both end when the run does.

    It is the client's observer as well, since what one worker is told to wait holds all of them.
    """

    def __init__(self, pace: Pace, stopping: Event, streams: Streams) -> None:
        self._pace = pace
        self._stopping = stopping
        self._streams = streams

    def for_turn(self) -> None:
        """Wait until a request may go. Raises Halted."""
        if self._stopping.is_set():
            raise Halted
        while wait := self._pace.take():
            self._sleep(wait)

    def between_tries(self, seconds: float) -> None:
        """Wait so long, then for the turn of the next try, which is a request too. Raises Halted."""
        self._sleep(seconds)
        self.for_turn()

    def _sleep(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise Halted

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:  # noqa: ARG002 - the protocol's
        """Hold all workers when they would fare no better."""
        if for_all:
            self._pace.hold(wait)

    def failed(self, error: MiraError) -> None:
        """Hold all workers for as long as the last answer to a row asked."""
        if error.retry_after is not None:
            self._pace.hold(min(error.retry_after, LONGEST_WAIT))

    def notice(self, kind: str, message: str) -> None:  # noqa: ARG002 - the protocol's
        """Tell it; which row it was about stands in no reply."""
        self._streams.log(message)

    def log(self, line: str) -> None:
        """A step, with --verbose."""
        self._streams.log(line)


class _Unseen(WaitingLine):
    """The progress bar has its place."""

    def start(self) -> None:
        """Nothing is shown."""


class _RowSession(Session):
    """The session of one row, each request of which waits for its turn.

    Attributes:
        waited: Seconds that the last request had to wait.
    """

    def __init__(self, streams: Streams, settings: Settings, client: Client, row: Row, waits: Waits) -> None:
        budget = budget_from(settings, builtin(row.options.model))
        watch = Watch(streams)
        watch.line = _Unseen(streams)
        conversation = Conversation(row.system, budget=budget)
        super().__init__(streams, settings, client, conversation, row.options, watch, form="json")
        self.waited = 0.0
        self._waits = waits

    def send(self, request: Request, writer: Writer) -> Generator[Chunk, None, None]:
        """Wait, then ask the API."""
        begun = time.monotonic()
        self._waits.for_turn()
        self.waited = time.monotonic() - begun
        return super().send(request, writer)


class _Writer(SilentWriter):
    """Shows nothing: the row is written when all of it is known."""

    def notice(self, kind: str, message: str) -> None:  # noqa: ARG002 - the protocol's
        """Only with --verbose: of thousands of rows nobody wants to read it."""
        self._streams.log(message)


class Asker:
    """Asks rows. Safe to use from several threads.

    Args:
        streams: The standard streams.
        settings: The settings in force.
        client: Sends the requests, over one pool of connections.
        waits: Where to wait for the turn.
        json_format: The JSON that each reply should be, None for any text.
        reask: Whether to ask once more when it is not.
    """

    def __init__(
        self,
        streams: Streams,
        settings: Settings,
        client: Client,
        waits: Waits,
        *,
        json_format: JsonFormat | None = None,
        reask: bool = True,
    ) -> None:
        self._streams = streams
        self._settings = settings
        self._client = client
        self._waits = waits
        self._json_format = json_format
        self._reask = reask

    def ask(self, row: Row | BadRow) -> Answer:
        """Ask a row, unless it is none.

        Raises:
            Halted: The run ended before its request went out.
        """
        if isinstance(row, BadRow):
            return Answer(row, error=row.error)
        try:
            return Answer(row, result=self._result(row))
        except MiraError as error:
            self._waits.failed(error)
            return Answer(row, error=error)

    def _result(self, row: Row) -> Result:
        session = _RowSession(self._streams, self._settings, self._client, row, self._waits)
        writer = _Writer(self._streams)
        if self._json_format is None:
            turn = take_turn(session, row.question, writer)
        else:
            from mira_cli.session.reply_parts.json_asking import ask_for_json

            turn = ask_for_json(session, self._json_format, row.question, writer, reask=self._reask)
        elapsed = max(turn.result.elapsed - session.waited, 0.0)
        return turn.result._replace(elapsed=elapsed)
