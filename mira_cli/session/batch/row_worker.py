"""Asks one row of a batch, in whichever thread, and returns its answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mira_cli.api.models import builtin
from mira_cli.api.retry import LONGEST_WAIT
from mira_cli.conversation.history import Conversation
from mira_cli.conversation.reply import ending
from mira_cli.errors import AuthError, MiraError, QuotaError, RateLimitError
from mira_cli.masking import redact
from mira_cli.session.batch.rows import BadRow, Row
from mira_cli.session.batch.workers import Halted
from mira_cli.session.opening import Session, TurnObserver, budget_from
from mira_cli.session.turn import run_turn
from mira_cli.terminal.writers import SilentWriter

if TYPE_CHECKING:
    from threading import Event

    from mira_cli.api.client import Client
    from mira_cli.session.batch.pace import Pace
    from mira_cli.session.reply_parts.json_reply import JsonFormat
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a row: a result, or an error."""

    row: Row | BadRow
    result: Result | None = None
    error: MiraError | None = None

    @property
    def ends_run(self) -> bool:
        """Whether the next rows would fail too: a refused key, no money, a wait of over a minute."""
        error = self.error
        if isinstance(error, AuthError):
            return error.key_refused
        too_long = error is not None and (error.retry_after or 0.0) > LONGEST_WAIT
        return isinstance(error, QuotaError) or (isinstance(error, RateLimitError) and too_long)

    @property
    def ended_early(self) -> bool:
        """Whether the reply was cut by a token limit, a filter or the like."""
        return self.result is not None and ending(self.result.finish_reason) != "natural"

    def facts(self) -> dict[str, object]:
        """The row as it is written. Its id is the one in the input, not the API's."""
        head: dict[str, object] = {"id": self.row.id, "key": self.row.key}
        if self.error is not None:
            error = self.error.as_json()
            error["message"] = redact(self.error.message)
            return {**head, "error": error}
        facts = {} if self.result is None else self.result.as_json()
        facts.pop("id", None)
        return {**head, **facts}


@dataclass(slots=True)
class BatchObserver(TurnObserver):
    """Where the workers wait: for their turn, and between two tries. Both waits end when the run does.

    One of them observes the client, since what one worker is told to wait holds all of them; `for_row` gives
    each row its own, which knows how long that row waited.

    Attributes:
        pace: When a request may go.
        stopping: Set when the run ends.
        streams: The standard streams.
        waited: Seconds that the last request had to wait for its turn.
    """

    pace: Pace
    stopping: Event
    streams: Streams
    waited: float = 0.0

    def for_row(self) -> BatchObserver:
        """An observer for one row's turn."""
        return replace(self, waited=0.0)

    def sending(self) -> None:
        """Wait until a request may go. Raises Halted."""
        begun = time.monotonic()
        if self.stopping.is_set():
            raise Halted
        while wait := self.pace.take():
            self._sleep(wait)
        self.waited = time.monotonic() - begun

    def sleep(self, seconds: float) -> None:
        """Wait between two tries, then for the turn of the next, which is a request too. Raises Halted."""
        self._sleep(seconds)
        self.sending()

    def _sleep(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            raise Halted

    def retrying(self, wait: float, attempt: int, of: int, reason: str, *, for_all: bool) -> None:
        """Hold all workers when their requests would fail too."""
        if for_all:
            self.pace.hold(wait)

    def failed(self, error: MiraError) -> None:
        """Hold all workers for as long as the server asked to wait."""
        if error.retry_after is not None:
            self.pace.hold(min(error.retry_after, LONGEST_WAIT))

    def notice(self, kind: str, message: str) -> None:
        """Only with --verbose: no reply says which row it was about."""
        self.streams.log(message)

    def log(self, line: str) -> None:
        """A step, with --verbose."""
        self.streams.log(line)


class _RowWriter(SilentWriter):
    """Shows nothing: the row is written when it is complete."""

    def notice(self, kind: str, message: str) -> None:
        """Only with --verbose: there may be thousands of rows."""
        self._streams.log(message)


@dataclass(frozen=True, slots=True)
class RowWorker:
    """Asks rows. Safe to use from several threads.

    Attributes:
        streams: The standard streams.
        settings: The settings in force.
        client: Sends the requests, over one pool of connections.
        observer: Where to wait for the turn.
        json_format: The JSON that each reply should be, None for any text.
        reask: Whether to ask once more when it is not.
    """

    streams: Streams
    settings: Settings
    client: Client
    observer: BatchObserver
    json_format: JsonFormat | None = None
    reask: bool = True

    def ask(self, row: Row | BadRow) -> Answer:
        """Ask a row, unless it cannot be asked.

        Raises:
            Halted: The run ended before its request was sent.
        """
        if isinstance(row, BadRow):
            return Answer(row, error=row.error)
        try:
            return Answer(row, result=self._result(row))
        except MiraError as error:
            self.observer.failed(error)
            return Answer(row, error=error)

    def _result(self, row: Row) -> Result:
        observer = self.observer.for_row()
        conversation = Conversation(row.system, budget=budget_from(self.settings, builtin(row.options.model)))
        session = Session(
            self.streams, self.settings, self.client, conversation, row.options, observer, form="json"
        )
        writer = _RowWriter(self.streams)
        if self.json_format is None:
            turn = run_turn(session, row.question, writer)
        else:
            from mira_cli.session.reply_parts.json_reply import ask_for_json

            turn = ask_for_json(session, self.json_format, row.question, writer, reask=self.reask)
        elapsed = max(turn.result.elapsed - observer.waited, 0.0)
        return replace(turn.result, elapsed=elapsed)
