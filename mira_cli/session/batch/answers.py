"""The answers of a batch: writes them, counts the rows by their outcome, and sums the run up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mira_cli.conversation.reply import ending
from mira_cli.errors import AuthError, MiraError
from mira_cli.masking import redact
from mira_cli.terminal.result import as_line

if TYPE_CHECKING:
    from threading import Event

    from mira_cli.session.batch.checkpoint import Checkpoint
    from mira_cli.session.batch.rows import Row
    from mira_cli.terminal.result import Result
    from mira_cli.terminal.streams import Streams

_SHOWN = 3  # failures
_MAX_FORBIDDEN = 10  # 403s that end a run without any answer


@dataclass(slots=True)
class Answers:
    """Where answers go, and the numbers of rows, of this run unless stated otherwise.

    Each number is only changed by one thread at a time.
    """

    streams: Streams
    checkpoint: Checkpoint | None  # None: answers go to standard output
    stopping: Event  # when set, no more rows are started; those under way are finished
    total: int | None  # rows in the input; None: unknown
    answered: int = 0
    failed: int = 0  # rows with an error, bad lines included
    bad: int = 0  # lines that are not questions; each was reported when it was read
    forbidden: int = 0  # rows refused with 403
    before: int = 0  # rows answered in earlier runs
    failed_before: int = 0  # rows that failed in earlier runs
    repeated: int = 0  # rows with the same id and request as an earlier row
    ended_early: int = 0  # answered rows whose reply was cut off, such as by a token limit or a filter
    askable: bool = False  # whether any failed row is a question, which can be asked again
    failures: list[str] = field(default_factory=list)  # messages of the first few failed rows
    ended_by: BaseException | None = None  # the first error that ended the run

    @property
    def all_failed(self) -> int:
        """Rows without an answer, of this run or before."""
        return self.failed + self.failed_before

    @property
    def done(self) -> int:
        """Rows that need no more work."""
        return self.answered + self.before + self.all_failed

    @property
    def _left(self) -> int:
        """Rows not reached yet; 0 if `total` is unknown."""
        return 0 if self.total is None else max(self.total - self.repeated - self.done, 0)

    def end(self, error: BaseException) -> None:
        """End the run because of this error."""
        self.ended_by = self.ended_by or error
        self.stopping.set()

    def write(self, row: Row, answer: Result | MiraError) -> None:
        """Write the answer to a row, and count it.

        Raises:
            OutputError, ReaderGone: It cannot be written.
        """
        facts: dict[str, object] = {"id": row.id, "key": row.key}
        if isinstance(answer, MiraError):
            facts["error"] = answer.as_json() | {"message": redact(answer.message)}
        else:
            facts |= answer.as_json() | {"id": row.id}  # not the API's id
        line = as_line(facts)
        if self.checkpoint is not None:
            self.checkpoint.append(line.encode())
        else:
            self.streams.write(line)
        if isinstance(answer, MiraError):
            self._count_failure(row, answer)
        else:
            self.answered += 1
            self.ended_early += ending(answer.finish_reason) != "natural"

    def _count_failure(self, row: Row, error: MiraError) -> None:
        self.failed += 1
        if row.error is not None:
            self.bad += 1
            self.streams.error(error.message)
            return
        self.note_failure(row, error.message)
        self.forbidden += isinstance(error, AuthError)
        if self.forbidden >= _MAX_FORBIDDEN and not self.answered:
            self.end(error)

    def note_failure(self, row: Row, message: str) -> None:
        """Remember the message of a row that failed, now or in an earlier run."""
        is_question = row.error is None
        self.askable = self.askable or is_question
        if len(self.failures) < _SHOWN:
            self.failures.append(f"row {row.id}: {message}" if is_question else message)

    def summarise(self, *, ended: bool) -> None:
        """Print the summary: a note if all is well, else an error with the first failures.

        `ended`: something ended the run early.
        """
        streams, resumable = self.streams, self.checkpoint is not None
        streams.status("")  # erases the progress bar
        if self.all_failed or ended:
            streams.error(self.summary())
        else:
            streams.note(self.summary())
        for failure in self.failures:
            streams.error(failure)
        if more := self.all_failed - self.bad - len(self.failures):
            streams.error(f"… and {more:,} more")
        if self.ended_early:
            some = "1 reply" if self.ended_early == 1 else f"{self.ended_early:,} replies"
            text = f"{some} ended early, by a length limit or a filter; see finish_reason."
            streams.note(text, always=True)
        if self.askable and resumable:
            streams.note("--retry-failed asks failed rows again.")
        unfinished = self._left or (ended and self.total is None)
        if unfinished and resumable:
            streams.note("Run the same command again to continue.")
        elif unfinished and ended:
            streams.note("With -o FILE the same command could resume where it left off.")

    def summary(self) -> str:
        """One line, such as "8 of 10 rows answered (3 in earlier runs), 2 failed."."""
        total = self.done + self._left
        text = f"{self.answered + self.before:,} of {total:,} row{'s' * (total != 1)} answered"
        if self.before:
            text += f" ({self.before:,} in earlier runs)"
        if self.all_failed:
            text += f", {self.all_failed:,} failed"
        if self._left:
            text += f", {self._left:,} left"
        if self.repeated:
            text += f", {self.repeated:,} repeated and asked once"
        return f"{text}."
