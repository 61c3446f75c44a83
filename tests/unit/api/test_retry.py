"""The table of what is tried again, and how long after."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mira_cli.api.retry import Retries, backoff, duration, is_retryable, requested_wait, when
from mira_cli.errors import ServerError

NOW = 1_800_000_000.0
AGAIN = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529]
NEVER = [301, 302, 307, 400, 401, 402, 403, 404, 405, 409, 410, 413, 415, 418, 422, 451, 501, 505, 525, 530]


def test_which_statuses_are_worth_another_try():
    assert all(is_retryable(status, {}, quota=False) for status in AGAIN)
    assert not any(is_retryable(status, {}, quota=False) for status in NEVER)


def test_a_quota_that_is_used_up_is_not():
    assert not is_retryable(429, {}, quota=True)


@pytest.mark.parametrize("status", [*AGAIN, *NEVER])
def test_the_server_may_say_so(status):
    assert is_retryable(status, {"x-should-retry": "true"}, quota=False)
    assert is_retryable(status, {"x-should-retry": " TRUE "}, quota=True)
    assert not is_retryable(status, {"x-should-retry": "false"}, quota=False)
    assert is_retryable(status, {"x-should-retry": "maybe"}, quota=False) == (status in AGAIN)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0.5),
        ({"retry-after": "-3"}, 0.5),
        ({"retry-after": "3600"}, 3600),
        ({"retry-after": formatdate(NOW + 9, usegmt=True)}, 9),
        ({"retry-after": formatdate(NOW - 9, usegmt=True)}, 0.5),
        ({"retry-after-ms": "2500", "retry-after": "60"}, 2.5),
        ({"retry-after-ms": "20"}, 0.5),
        ({"retry-after-ms": "soon", "retry-after": "3"}, 3),
        ({"retry-after": "soon"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e999"}, None),
        ({"retry-after": "Mon, 99 Foo 2026 99:99:99 GMT"}, None),
    ],
)
def test_how_long_the_server_asks_to_wait(headers, seconds):
    assert requested_wait(headers, NOW) == seconds


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a process is fixed")
def test_a_date_without_a_time_zone_is_in_utc(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert requested_wait({"retry-after": time.asctime(time.gmtime(NOW + 9))}, NOW) == 9
    finally:
        monkeypatch.undo()
        time.tzset()


@given(st.text(max_size=40))
def test_no_header_can_break_it(text):
    wait = requested_wait({"retry-after": text, "retry-after-ms": text}, NOW)
    assert wait is None or wait >= 0.5


@given(st.integers(0, 40), st.floats(0, 1))
def test_back_off_doubles_up_to_eight_seconds_with_jitter(tries, jitter):
    full = min(8, 0.5 * 2**tries)
    assert 0.75 * full <= backoff(tries, jitter) <= full


def failed(reason="server error 503", most=None, wait=None):
    error = ServerError("x", retry_after=wait)
    error.retry_reason, error.retry_limit = reason, most
    return error


def waits(retries, *failures):
    return [retries.next_wait(failure) for failure in failures]


def test_two_retries_and_no_more():
    assert waits(Retries(2), failed(), failed(), failed()) == [0.5, 1.0, None]
    assert waits(Retries(0), failed()) == [None]


def test_what_the_server_asks_for_is_obeyed_up_to_a_minute():
    assert waits(Retries(9), failed(wait=7.5), failed(wait=60.0)) == [7.5, 60.0]
    assert waits(Retries(9), failed(wait=60.1)) == [None]


def test_all_waits_together_are_two_minutes_at_most():
    assert waits(Retries(9), *[failed(wait=50.0)] * 3) == [50.0, 50.0, None]
    assert waits(Retries(9), *[failed(wait=60.0)] * 3) == [60.0, 60.0, None]


def test_a_refused_connection_is_tried_once_more():
    refused = failed(most=1)
    assert waits(Retries(2), refused, refused) == [0.5, None]


def test_what_has_no_reason_is_not_tried_again():
    assert waits(Retries(2), failed(reason="", wait=1.0)) == [None]


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
def test_a_duration_is_told_in_the_largest_unit_that_fits(seconds, words):
    assert duration(seconds) == words


def test_today_is_a_time_and_another_day_a_date():
    noon = time.mktime((2026, 3, 4, 12, 0, 0, 0, 0, -1))
    assert when(noon, 40) == "at 12:00 (in 40 s)"
    assert when(noon, 3600) == "at 13:00 (in 60 min)"
    assert when(noon, 86400) == "at 12:00 on 2026-03-05 (in 24 h)"


def test_absurd_waits_are_said_too():
    assert when(0, 1e300) == "much later"
