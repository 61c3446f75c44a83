"""Signals as exceptions: each with its code, once, and only where nobody ignores them."""

from __future__ import annotations

import os
import signal

import pytest

from mira_cli.session.signals import Signalled, as_error, raise_on_signals

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.getsignal(number) for number in NUMBERS}
    for number in NUMBERS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)],
)
def test_each_has_its_code(number, code):
    raise_on_signals()
    with pytest.raises(KeyboardInterrupt) as caught:
        send(number)
    assert (type(caught.value) is KeyboardInterrupt) == (number == signal.SIGINT)
    error = as_error(caught.value, "some")
    assert (error.exit_code, error.partial, error.type) == (code, "some", "interrupted")


def test_the_same_at_once_is_the_same_wish_and_later_another():
    now = [100.0]
    raise_on_signals(lambda: now[0])
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)
    now[0] += 0.2
    send(signal.SIGINT)  # while the first one is being dealt with
    with pytest.raises(Signalled):
        send(signal.SIGTERM)
    now[0] += 0.4
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)


def test_what_is_ignored_stays_so():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise_on_signals()
    send(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
