"""The words for what became of the rows."""

from __future__ import annotations

import pytest

from mira_cli.session.batch.counts import Counts


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
def test_summaries(counts, words):
    assert Counts(**counts).summary() == words


def test_the_first_three_failures_are_kept_and_the_others_counted():
    counts = Counts(failed=10, failed_before=5, bad=1)
    for number in range(14):
        counts.note_failure(f"row {number}: no")
    assert counts.failure_lines() == ["row 0: no", "row 1: no", "row 2: no", "… and 11 more"]


def test_three_failures_are_all_listed():
    counts = Counts(failed=3)
    for number in range(3):
        counts.note_failure(f"row {number}: no")
    assert counts.failure_lines() == ["row 0: no", "row 1: no", "row 2: no"]
