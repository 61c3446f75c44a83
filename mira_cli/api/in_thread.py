"""Waits for a call that knows no time limit, or none that fits, in a thread of its own."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from mira_cli.background import SideThread

if TYPE_CHECKING:
    from collections.abc import Callable


class InThread:
    """A call on its way.

    Args:
        call: What to call. It starts at once, and goes on unheard if nobody waits for it any longer.
        dispose: Given what it then still returns.
    """

    def __init__(self, call: Callable[[], Any], dispose: Callable[[Any], object] = lambda _: None) -> None:
        self._call = call
        self._dispose = dispose
        self._lock = Lock()
        self._unheard = self._returned = False
        self._result: Any = None
        self._failure: BaseException | None = None
        self._thread = SideThread(self._run)
        self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether it has returned or raised."""
        return not self._thread.is_alive()

    def wait(self, left: Callable[[], float]) -> Any:
        """What the call returns, or its exception.

        Args:
            left: Seconds to wait; it raises when there are none left.
        """
        try:
            while self._thread.is_alive():
                self._thread.join(left())
        except BaseException:
            with self._lock:
                self._unheard = True
                if self._returned:
                    self._dispose(self._result)
            raise
        if self._failure is not None:
            raise self._failure
        return self._result

    def _run(self) -> None:
        try:
            result = self._call()
            with self._lock:
                self._result, self._returned = result, True
                if self._unheard:
                    self._dispose(result)
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            self._failure = error
