"""Moments as people say them."""

from __future__ import annotations

import time

import pytest

from mira_cli.api.moments import span, when


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "1 s"),
        (40, "40 s"),
        (90.2, "91 s"),
        (300, "5 min"),
        (3600, "60 min"),
        (7200, "2 h"),
        (86400, "24 h"),
        (260000, "4 days"),
    ],
)
def test_spans(seconds, words):
    assert span(seconds) == words


def test_today_is_a_time_and_another_day_a_date():
    noon = time.mktime((2026, 3, 4, 12, 0, 0, 0, 0, -1))
    assert when(noon, 40) == "at 12:00 (in 40 s)"
    assert when(noon, 3600) == "at 13:00 (in 60 min)"
    assert when(noon, 86400) == "at 12:00 on 2026-03-05 (in 24 h)"


def test_absurd_waits_are_said_too():
    assert when(0, 1e300) == "much later"
