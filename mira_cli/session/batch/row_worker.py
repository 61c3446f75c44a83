"""Asks one row of a batch and returns its answer. Thread-safe."""

from __future__ import annotations

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
from mira_cli.session.opening import Session, budget_from
from mira_cli.session.turn import run_turn
from mira_cli.terminal.writers import Writer

if TYPE_CHECKING:
    from mira_cli.api.client import Client
    from mira_cli.session.batch.pace import Pace
    from mira_cli.session.reply_parts.json_format import JsonFormat
    from mira_cli.settings.resolve import Settings
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """The answer to a row: a result, or an error."""

    row: Row | BadRow
    result: Result | None = None
    error: MiraError | None = None

    @property
    def ends_run(self) -> bool:
        """Whether the next rows would fail too: a refused key, a used-up balance, a wait of over a minute."""
        error = self.error
        if isinstance(error, AuthError):
            return error.key_refused
        too_long = error is not None and (error.retry_after or 0.0) > LONGEST_WAIT
        return isinstance(error, QuotaError) or (isinstance(error, RateLimitError) and too_long)

    @property
    def ended_early(self) -> bool:
        """Whether the reply was cut off, such as by a token limit or a filter."""
        return self.result is not None and ending(self.result.finish_reason) != "natural"

    def facts(self) -> dict[str, object]:
        """The JSON object to write. Its id is the one in the input, not the API's."""
        head: dict[str, object] = {"id": self.row.id, "key": self.row.key}
        if self.error is not None:
            return head | {"error": self.error.as_json() | {"message": redact(self.error.message)}}
        return head | (self.result.as_json() if self.result else {}) | {"id": self.row.id}


class _RowWriter(Writer):
    """Shows nothing, since rows are written when they are complete."""

    def notice(self, kind: str, message: str) -> None:
        """Only log it, since there may be thousands of rows."""
        self._streams.log(message)


@dataclass(frozen=True, slots=True)
class RowWorker:
    """Asks rows, from several threads at once.

    Attributes:
        pace: Delays requests, and observes the turns.
        json_format: The JSON that each reply should be, None for any text.
        reask: Whether to ask once more if it is something else.
    """

    streams: Streams
    settings: Settings
    client: Client
    pace: Pace
    json_format: JsonFormat | None = None
    reask: bool = True

    def ask(self, row: Row | BadRow) -> RowAnswer:
        """Ask a row, unless it is a bad line. An answer that ends the run stops the other workers too.

        Raises:
            Halted: The run ended before its request was sent.
        """
        if self.pace.stopping.is_set():
            raise Halted
        if isinstance(row, BadRow):
            return RowAnswer(row, error=row.error)
        try:
            return RowAnswer(row, self._result(row))
        except MiraError as error:
            self.pace.hold(error.retry_after or 0.0)
            answer = RowAnswer(row, error=error)
            if answer.ends_run:
                self.pace.stopping.set()
            return answer

    def _result(self, row: Row) -> Result:
        conversation = Conversation(row.system, budget=budget_from(self.settings, builtin(row.options.model)))
        session = Session(
            self.streams, self.settings, self.client, conversation, row.options, self.pace, form="json"
        )
        writer = _RowWriter(self.streams)
        if self.json_format is None:
            turn = run_turn(session, row.question, writer)
        else:
            from mira_cli.session.reply_parts.json_reply import ask_for_json

            turn = ask_for_json(session, self.json_format, row.question, writer, reask=self.reask)
        return replace(turn.result, elapsed=max(turn.result.elapsed - self.pace.waited, 0.0))
