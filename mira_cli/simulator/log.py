"""The requests as they came, a line of JSON each, without the key."""

from __future__ import annotations

import json
from threading import Lock
from typing import TYPE_CHECKING

from mira_cli.errors import OutputError, UsageError

if TYPE_CHECKING:
    from mira_cli.simulator.received import Received


class Log:
    """Appends to a file, each line whole and at once. Thread-safe.

    Raises:
        UsageError: The file cannot be opened.
    """

    def __init__(self, path: str) -> None:
        try:
            self._file = open(path, "ab", buffering=0)  # noqa: PTH123, SIM115 - closed by close()
        except OSError as error:
            raise UsageError(f"Cannot write the log {path}: {error.strerror}.") from error
        self._lock = Lock()

    def write(self, received: Received) -> None:
        """Add one request. Raises OutputError."""
        line = json.dumps(received.as_json()).encode("ascii") + b"\n"
        with self._lock:
            if not self._file.closed:
                try:
                    self._file.write(line)
                except OSError as error:
                    raise OutputError(f"Cannot write the log {self._file.name}: {error.strerror}.") from error

    def close(self) -> None:
        """Close the file; later requests are dropped."""
        with self._lock:
            self._file.close()
