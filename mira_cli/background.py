"""Work that loads modules, in a thread of its own."""

from __future__ import annotations

from importlib import import_module
from threading import Thread

from mira_cli.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def in_background(work: Callable[[], object]) -> Thread:
    """Begin `work`, which may load modules while the calling thread does; the thread, daemonic.

    typing is loaded first, here: dataclasses takes it from sys.modules without waiting until it is complete,
    so that a class that one thread makes would fail while another is in the middle of loading typing.
    """
    import_module("typing")
    thread = Thread(target=work, daemon=True)
    thread.start()
    return thread


def load_in_background(*names: str) -> None:
    """Begin to load modules; does not wait for them."""
    in_background(lambda: [import_module(name) for name in names])
