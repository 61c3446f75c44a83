"""Counts the rows of a batch by their outcome, and makes the summary line."""

from __future__ import annotations

from dataclasses import dataclass, field

_SHOWN = 3  # failures


@dataclass(slots=True)
class Counts:
    """Row counts, of this run unless stated otherwise. Each number is only changed by one thread at a time.

    Attributes:
        total: Rows in the input, None if unknown.
        answered: Rows with an answer.
        failed: Rows with an error, bad lines included.
        bad: Lines that are not questions; each was reported when it was read.
        before: Rows answered in earlier runs.
        failed_before: Rows that failed in earlier runs.
        repeated: Rows with the same id and request as an earlier row.
        ended_early: Answered rows whose reply was cut off, such as by a token limit or a filter.
        askable: Whether any failed row is a question, which can be asked again.
        failures: Messages for the first failed rows that aren't bad lines.
    """

    total: int | None = None
    answered: int = 0
    failed: int = 0
    bad: int = 0
    before: int = 0
    failed_before: int = 0
    repeated: int = 0
    ended_early: int = 0
    askable: bool = False
    failures: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Rows that need no more work."""
        return self.answered + self.failed + self.before + self.failed_before

    @property
    def all_failed(self) -> int:
        """Rows without an answer, of this run or before."""
        return self.failed + self.failed_before

    @property
    def left(self) -> int:
        """Rows not reached yet; 0 if `total` is unknown."""
        return 0 if self.total is None else max(self.total - self.repeated - self.done, 0)

    def note_failure(self, line: str, *, askable: bool = True) -> None:
        """Remember the message of a failed row. `askable`: the row is a question, not a bad line."""
        self.askable = self.askable or askable
        if len(self.failures) < _SHOWN:
            self.failures.append(line)

    def failure_lines(self) -> list[str]:
        """The first few failures, and how many more there are."""
        shown = self.failures[:_SHOWN]
        more = self.all_failed - self.bad - len(shown)
        return [*shown, f"… and {more:,} more"] if more else shown

    def early_line(self) -> str:
        """The line about replies that ended early."""
        some = "1 reply" if self.ended_early == 1 else f"{self.ended_early:,} replies"
        return f"{some} ended early, by a length limit or a filter; see finish_reason."

    def summary(self) -> str:
        """One line, such as "8 of 10 rows answered (3 in earlier runs), 2 failed."."""
        total = self.done + self.left
        answered = f"{self.answered + self.before:,} of {total:,} row{'s' * (total != 1)} answered"
        parts = [answered + (f" ({self.before:,} in earlier runs)" if self.before else "")]
        if self.all_failed:
            parts.append(f"{self.all_failed:,} failed")
        if self.left:
            parts.append(f"{self.left:,} left")
        if self.repeated:
            parts.append(f"{self.repeated:,} repeated and asked once")
        return ", ".join(parts) + "."
