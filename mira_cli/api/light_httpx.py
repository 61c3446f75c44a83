"""Imports httpx without what it would load beside it and we never use."""

from __future__ import annotations

import sys
from threading import get_ident
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

# httpx tries each of these and does without: a command line of its own (click, then rich and pygments),
# HTTP/2, decoders for encodings that we do not accept, and two asynchronous worlds.
UNUSED = frozenset({"click", "h2", "brotli", "brotlicffi", "zstandard", "anyio", "trio"})


class _Absent:
    """A finder that knows nothing of UNUSED, for the thread that imports httpx alone.

    Others may import at the same time; what they find is not changed.
    """

    def __init__(self) -> None:
        self._thread = get_ident()

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the protocol's name
        target: ModuleType | None = None,  # noqa: ARG002 - the same
    ) -> ModuleSpec | None:
        if fullname in UNUSED and get_ident() == self._thread:
            raise ModuleNotFoundError(f"{fullname} is not needed", name=fullname)
        return None


def load_httpx() -> ModuleType:
    """The module httpx, with httpcore ready; loaded at the first call."""
    if "httpcore" not in sys.modules:
        absent = _Absent()
        sys.meta_path.insert(0, absent)
        try:
            import httpcore  # noqa: F401
            import httpx
        finally:
            sys.meta_path.remove(absent)
    import httpx  # waits for a thread that is in the middle of it

    return httpx
