"""Numbers that are flags and no settings: what is taken, and how the rest is refused."""

from __future__ import annotations

import pytest

from mira_cli.commands.call import Call
from mira_cli.commands.numbers import number, whole
from mira_cli.commands.tree import BATCH
from mira_cli.errors import UsageError


def call(**flags):
    return Call(BATCH, {}, flags)


def test_what_is_taken():
    assert whole(call(jobs="3"), "jobs", 1, 3) == 3
    assert whole(call(), "jobs", 1, 3) is None
    assert number(call(delay="0.5"), "delay", 9) == 0.5
    assert number(call(), "delay", 9) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("4", "--per-minute: 4 is out of range 1 to 3."),
        ("x", "--per-minute must be a whole number, 1 to 3, not x."),
        ("", "--per-minute must be a whole number, 1 to 3, not empty."),
    ],
)
def test_a_refused_whole_number(text, says):
    with pytest.raises(UsageError) as caught:
        whole(call(per_minute=text), "per_minute", 1, 3)
    assert caught.value.message == says


@pytest.mark.parametrize(
    ("text", "says"),
    [("-1", "--delay: -1 is out of range 0 to 9."), ("nan", "--delay must be 0 to 9, not nan.")],
)
def test_a_refused_number(text, says):
    with pytest.raises(UsageError) as caught:
        number(call(delay=text), "delay", 9)
    assert caught.value.message == says
