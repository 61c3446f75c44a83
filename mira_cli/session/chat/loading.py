"""Loads what the first reply needs, and connects, while the person types."""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING

from mira_cli.background import in_background

if TYPE_CHECKING:
    from mira_cli.session.opening import Session

_RENDERER = (
    "mira_cli.terminal.markdown.drawing",
    "mira_cli.terminal.drawn_writers",
    "mira_cli.terminal.usage",
)


class Preload:
    """A thread that is started once.

    Args:
        session: Whose replies are prepared.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._started = False

    def start(self) -> None:
        """Begin, unless it has begun already. Never waits."""
        if self._started:
            return
        self._started = True
        self._session.client.warm_up()
        draws = self._session.streams.out_tty and not self._session.streams.plain
        in_background(lambda: _load(_RENDERER if draws else ()))


def _load(names: tuple[str, ...]) -> None:
    for name in names:
        import_module(name)
    collect_again()


def collect_again() -> None:
    """Collect circles again, which a short run does without; what was loaded so far is never looked at."""
    gc.freeze()
    gc.enable()
