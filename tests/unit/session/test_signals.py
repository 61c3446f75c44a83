"""Signals as exceptions: each with its code, once, and only where nobody ignores them."""

from __future__ import annotations

import os
import signal
import sys
import time
import weakref
from importlib import import_module

import pytest

from mira_cli.commands.layout import EXIT_CODES
from mira_cli.session.signals import Signalled, as_error, raise_on_signals

NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCONT)


@pytest.fixture(autouse=True)
def handlers():
    before = {number: signal.getsignal(number) for number in NUMBERS}
    hook = sys.unraisablehook
    for number in NUMBERS:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    sys.unraisablehook = hook


def send(number):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGQUIT, 131)],
)
def test_each_signal_has_its_exit_code(number, code):
    raise_on_signals()
    with pytest.raises(KeyboardInterrupt) as caught:
        send(number)
    assert (type(caught.value) is KeyboardInterrupt) == (number == signal.SIGINT)
    error = as_error(caught.value, "some")
    assert (error.exit_code, error.partial, error.type) == (code, "some", "interrupted")
    assert code in dict(EXIT_CODES)  # so help, README and man page tell it


def test_before_is_called_once_before_a_signal_raises():
    heard = []
    raise_on_signals(before=heard.append)
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGTERM)
    send(signal.SIGTERM)
    assert heard == [signal.SIGTERM]


def test_a_repeated_signal_counts_once_within_a_moment_and_again_later(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    raise_on_signals()
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)
    now[0] += 0.2
    send(signal.SIGINT)  # while the first one is being dealt with
    now[0] += 0.2
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)


def test_a_signal_during_an_import_waits_for_its_end(tmp_path, monkeypatch):
    text = "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\nwhole = True\n"
    (tmp_path / "interrupted_module.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    raise_on_signals()
    module = import_module("interrupted_module")
    assert module.whole
    with pytest.raises(Signalled):
        time.sleep(60)


def test_a_different_signal_is_sent_again_after_the_first():
    raise_on_signals()
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)
    for _ in range(3):
        send(signal.SIGTERM)
    with pytest.raises(Signalled) as caught:
        time.sleep(60)
    assert caught.value.exit_code == 143


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_whose_exception_a_callback_loses_is_sent_again(number, capsys):
    class Box:
        """Something that can be referred to weakly."""

    raise_on_signals()
    boxes = [Box()]
    watching = weakref.ref(boxes[0], lambda _: send(number))

    def lose_it():
        boxes.clear()
        time.sleep(60)

    with pytest.raises(KeyboardInterrupt) as caught:
        lose_it()
    assert as_error(caught.value).exit_code == 128 + number
    assert watching() is None
    assert capsys.readouterr().err == ""


def test_other_unraisable_exceptions_are_reported_as_usual(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda unraisable: told.append(str(unraisable.exc_value)))
    raise_on_signals()

    class Box:
        """Something that fails as it goes."""

        def __del__(self):
            raise ValueError("failed")

    Box()
    assert told == ["failed"]


def test_ignored_signals_stay_ignored():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    raise_on_signals()
    send(signal.SIGHUP)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
