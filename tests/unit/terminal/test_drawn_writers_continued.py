"""Whether SIGCONT came: noticed once, and who handled it before still does."""

from __future__ import annotations

import os
import signal

import pytest

from mira_cli.terminal.drawn_writers import Continued


@pytest.fixture
def handled():
    """The numbers that the one who handled SIGCONT before got to see."""
    seen = []
    before = signal.signal(signal.SIGCONT, lambda number, _frame: seen.append(number))
    yield seen
    signal.signal(signal.SIGCONT, before)


def test_noticed_once_and_passed_on(handled):
    continued = Continued()
    continued.watch()
    assert not continued.take()
    os.kill(os.getpid(), signal.SIGCONT)
    assert continued.take()
    assert not continued.take()
    assert handled == [signal.SIGCONT]


def test_given_back(handled):
    continued = Continued()
    continued.watch()
    continued.leave()
    continued.leave()
    os.kill(os.getpid(), signal.SIGCONT)
    assert not continued.take()
    assert handled == [signal.SIGCONT]
