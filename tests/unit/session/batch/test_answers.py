"""What becomes of the rows, in numbers and words."""

from __future__ import annotations

from io import BytesIO
from threading import Event

import pytest

from mira_cli.conversation.message import Options
from mira_cli.errors import BlockedError, UsageError
from mira_cli.session.batch.answers import Answers
from mira_cli.session.batch.rows import Row
from rig.streams import buffered


def answers(total=None, stderr=None, **counts):
    return Answers(buffered(None, BytesIO(), stderr), None, Event(), total, **counts)


def row(number, error=None):
    return Row(number, f"key {number}", "What?", "", Options("mira"), error)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({"total": 0}, "0 of 0 rows answered."),
        ({"total": 1, "answered": 1}, "1 of 1 row answered."),
        ({"total": 10, "answered": 8, "failed": 2}, "8 of 10 rows answered, 2 failed."),
        ({"total": 10_000, "answered": 9_999, "failed": 1}, "9,999 of 10,000 rows answered, 1 failed."),
        (
            {"total": 10, "answered": 2, "before": 3, "failed_before": 1, "failed": 1},
            "5 of 10 rows answered (3 in earlier runs), 2 failed, 3 left.",
        ),
        ({"total": 3, "answered": 2, "repeated": 1}, "2 of 2 rows answered, 1 repeated and asked once."),
        ({"answered": 2, "failed": 1}, "2 of 3 rows answered, 1 failed."),
        ({"total": 1, "answered": 2}, "2 of 2 rows answered."),
    ],
)
def test_the_summary_counts_every_row_once(counts, words):
    assert answers(**counts).summary() == words


@pytest.mark.parametrize("count", [3, 14])
def test_the_first_three_failures_are_shown_and_the_others_counted(count):
    stderr = BytesIO()
    some = answers(stderr=stderr)
    bad = UsageError("Line 99: no.")
    some.write(row(99, bad), bad)
    for number in range(count):
        some.write(row(number), BlockedError("no"))
    stderr.truncate(0)
    some.summarise(ended=False)
    lines = stderr.getvalue().decode().strip("\0").splitlines()
    more = [f"mira: … and {count - 3} more"] if count > 3 else []
    assert lines[1:] == ["mira: row 0: no", "mira: row 1: no", "mira: row 2: no", *more]
