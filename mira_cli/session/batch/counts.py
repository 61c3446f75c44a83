"""Counts of the rows of a batch by what became of them, and the summary line."""

from __future__ import annotations

from dataclasses import dataclass, field

_SHOWN = 3


@dataclass(slots=True)
class Counts:
    """Counts of rows. Each is changed by one thread only.

    Attributes:
        total: Rows in the input, None while that is not known.
        answered: Answered in this run.
        failed: Failed in this run.
        before: Answered before, as the file of answers says.
        failed_before: The same, failed.
        repeated: Same id and same request as an earlier row.
        failures: The first few that failed, as lines for people.
        askable: Some of those that failed are questions, which can be asked again.
        ended_early: Answered in this run, but cut by a token limit, a filter or the like.
        noted: All failures that `failures` is the beginning of.
    """

    total: int | None = None
    answered: int = 0
    failed: int = 0
    before: int = 0
    failed_before: int = 0
    repeated: int = 0
    failures: list[str] = field(default_factory=list)
    askable: bool = False
    ended_early: int = 0
    noted: int = 0

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
        """Rows not reached yet, as far as is known."""
        return 0 if self.total is None else max(self.total - self.repeated - self.done, 0)

    def note_failure(self, line: str, *, askable: bool = True) -> None:
        """Remember a failure as a line for people. `askable`: it is of a question, not of a bad line."""
        self.askable = self.askable or askable
        self.noted += 1
        if len(self.failures) < _SHOWN:
            self.failures.append(line)

    def failure_lines(self) -> list[str]:
        """The first few failures, and how many more there are."""
        more = self.noted - len(self.failures)
        return [*self.failures, f"… and {more:,} more"] if more else self.failures

    def early_line(self) -> str:
        """What to say of rows that were answered, but not to their end."""
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
