"""Turns Ctrl-C, TERM, HUP and QUIT into exceptions, so that a run ends cleanly."""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING

from mira_cli.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_BASE = 128  # a shell's exit code for a process that a signal ended is 128 + its number
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")  # Windows has only the first two
_REPEAT = 0.3  # seconds within which a repeated signal counts once
_MOMENT = 0.01  # seconds
_NEVER = float("-inf")


class Signalled(KeyboardInterrupt):
    """TERM, HUP or QUIT arrived. Like Ctrl-C, with its own exit code."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.exit_code = _BASE + number


def raise_on_signals(
    *,
    before: Callable[[int], object] = lambda _: None,
    resumed: Callable[[], object] = lambda: None,
) -> None:
    """Make signals raise in the main thread: KeyboardInterrupt for Ctrl-C, Signalled for the others.

    Ignored signals (nohup) stay ignored. A signal must not break into the cleanup that another one started:
    the same signal within a moment counts once, a different one is sent again afterwards. So is a signal
    whose exception was lost, in a callback of the interpreter or in an import.

    Args:
        before: Called with the signal's number just before it raises; must not block. If it returns True, the
            signal doesn't raise, and the owner of `before` raises it later.
        resumed: Called on CONT, as after Ctrl-Z and `fg`.
    """
    last: dict[int, float] = {}  # when each was raised
    due: dict[int, float] = {}  # when each postponed one is sent again

    def raise_once(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - last.get(number, _NEVER) <= _REPEAT:
            return
        wait = max(last.values(), default=_NEVER) + _REPEAT - now
        if wait > 0 or _is_importing(frame):
            if due.get(number, _NEVER) <= now:
                due[number] = now + max(wait, 0.0)
                _send_again(number, max(wait, 0.0) + _MOMENT)
        elif not before(number):
            last[number] = now
            raise KeyboardInterrupt if number == signal.SIGINT else Signalled(number)

    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, raise_once)
    if hasattr(signal, "SIGCONT"):
        signal.signal(signal.SIGCONT, lambda _number, _frame: resumed())
    if hasattr(signal, "SIGCHLD"):  # if it were ignored, we could not get the exit codes of children
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    _send_unraised_again(last)


def _is_importing(frame: FrameType | None) -> bool:
    """Whether this frame is inside an import, where C code may turn an interrupt into ImportError."""
    while frame is not None and not frame.f_code.co_filename.startswith("<frozen importlib"):
        frame = frame.f_back
    return frame is not None


def _send_unraised_again(last: dict[int, float]) -> None:
    """Send a signal again if its exception was lost (sys.unraisablehook); `last`: when each raised."""
    otherwise = sys.unraisablehook

    def send_again(unraisable: sys.UnraisableHookArgs) -> None:
        stop = unraisable.exc_value
        if not isinstance(stop, KeyboardInterrupt):
            otherwise(unraisable)
            return
        number = _code_of(stop) - _BASE
        last.pop(number, None)
        _send_again(number, _MOMENT)

    sys.unraisablehook = send_again


def _send_again(number: int, seconds: float) -> None:
    """Send the main thread a signal after some seconds, from another thread."""
    from _thread import get_ident, start_new_thread

    main = get_ident()  # signal handlers, which call this, run in the main thread

    def send() -> None:
        time.sleep(seconds)
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(main, number)
        else:
            signal.raise_signal(number)

    start_new_thread(send, ())


def as_error(stop: KeyboardInterrupt, partial: str = "") -> Interrupted:
    """The interrupt as an error with its exit code."""
    return Interrupted(exit_code=_code_of(stop), partial=partial)


def _code_of(stop: KeyboardInterrupt) -> int:
    """The exit code: 130 Ctrl-C, 143 TERM, 129 HUP, 131 QUIT."""
    return stop.exit_code if isinstance(stop, Signalled) else _BASE + signal.SIGINT


def behind(error: BaseException | None) -> KeyboardInterrupt | None:
    """The interrupt during whose handling `error` was raised, None if there is none."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error


def ends_all(stop: KeyboardInterrupt) -> bool:
    """Whether to end the whole run, not just this step: on Signalled, or a second Ctrl-C during the first."""
    return isinstance(stop, Signalled) or isinstance(stop.__context__, KeyboardInterrupt | Interrupted)
