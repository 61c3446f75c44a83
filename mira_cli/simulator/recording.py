"""A proxy to the real API that writes down what passes, without the key."""

from __future__ import annotations

import json
import os
import re
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mira_cli.errors import OutputError, UsageError
from mira_cli.simulator.answer import to_bytes
from mira_cli.simulator.ids import KEY
from mira_cli.simulator.received import parse
from mira_cli.simulator.steps import Close, Head, Steps, Whole

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from http.client import HTTPResponse

    from mira_cli.simulator.received import Received

_PATIENCE = 600.0  # seconds without a byte from the API; the client gives up long before
_READ = 1 << 16
REMOVED = "sk-mira-REMOVED"
_KEYS = re.compile(r"sk-mira-[A-Za-z0-9_-]{8,}")
_NOT_SENT = frozenset({
    "host", "connection", "content-length", "transfer-encoding", "accept-encoding", "authorization", "expect",
})  # fmt: skip
_NOT_KEPT = frozenset({
    "connection", "keep-alive", "content-length", "transfer-encoding",
    "date", "server", "set-cookie", "x-request-id",
})  # fmt: skip


class Recorder:
    """Sends each request on to the API and the answer back as it comes; a line of JSON for each. Thread-safe.

    Args:
        path: The recording; it is made new, readable by its owner alone.
        upstream: The base URL of the API, without a slash at its end.
        key: The key for the API in place of the simulator's own; "" sends on what the client sent.
        tls: Makes the TLS context, when one is needed.

    Raises:
        UsageError: The recording cannot be written.
    """

    takes_any_key = True  # the API will say what it thinks of it

    def __init__(self, path: str, upstream: str, key: str, tls: Callable[[], ssl.SSLContext]) -> None:
        try:
            # Conversations are nobody else's concern.
            self._file = open(path, "wb", buffering=0, opener=_private)  # noqa: SIM115 - closed by close()
        except OSError as error:
            raise UsageError(f"Cannot write the recording {path}: {error.strerror}.") from error
        self._upstream = urlsplit(upstream)
        self._key = key
        self._tls = tls
        self._lock = Lock()

    def has(self, _received: Received) -> bool:
        """Everything is the API's to answer."""
        return True

    def steps_for(self, received: Received) -> Steps:
        """The API's own answer; 502 when it cannot be reached."""
        connection = self._connection()
        try:
            try:
                connection.request(
                    received.method, self._path(received.path), received.raw, self._headers(received)
                )
                response = connection.getresponse()
            except (OSError, HTTPException) as error:
                yield Whole(502, to_bytes({"detail": f"Cannot reach {self._upstream.netloc}: {error}"}))
                return
            yield from self._pass_on(received, response)
        finally:
            connection.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._file.close()

    def _connection(self) -> HTTPConnection:
        host, port = self._upstream.hostname or "", self._upstream.port
        if self._upstream.scheme == "https":
            return HTTPSConnection(host, port, timeout=_PATIENCE, context=self._tls())
        return HTTPConnection(host, port, timeout=_PATIENCE)

    def _path(self, path: str) -> str:
        """What lies below our /v1 lies below the upstream's base URL; the rest at its origin."""
        return self._upstream.path + path.removeprefix("/v1") if path.startswith("/v1/") else path

    def _headers(self, received: Received) -> dict[str, str]:
        headers = {name: value for name, value in received.headers.items() if name not in _NOT_SENT}
        sent = received.headers.get("authorization")
        if sent is not None:
            headers["authorization"] = f"Bearer {self._key}" if self._key and received.key == KEY else sent
        return {**headers, "accept-encoding": "identity"}

    def _pass_on(self, received: Received, response: HTTPResponse) -> Steps:
        kept = tuple(
            (name.lower(), value) for name, value in response.getheaders() if name.lower() not in _NOT_KEPT
        )
        chunks: list[bytes] = []
        whole = False
        try:
            yield Head(response.status, kept)
            while data := response.read1(_READ):
                chunks.append(data)
                yield data
            whole = not response.length  # bytes that were promised and did not come
        except (ConnectionError, TimeoutError, HTTPException):
            whole = False
        finally:
            self._write(received, response.status, kept, chunks, whole=whole)
        if not whole:
            yield Close()

    def _write(
        self,
        received: Received,
        status: int,
        headers: tuple[tuple[str, str], ...],
        chunks: list[bytes],
        *,
        whole: bool,
    ) -> None:
        texts = self._without_key([chunk.decode("utf-8", "surrogateescape") for chunk in chunks])
        request = self._without_key([json.dumps(received.body)])[0]
        row = {
            "method": received.method,
            "path": received.path,
            "body": parse(request.encode()),
            "status": status,
            "headers": [[name, self._without_key([value])[0]] for name, value in headers],
            "chunks": texts,
            "end": "complete" if whole else "cut",
        }
        with self._lock:
            if not self._file.closed:
                try:
                    self._file.write(json.dumps(row).encode("ascii") + b"\n")
                except OSError as error:
                    reason = f"Cannot write the recording {self._file.name}: {error.strerror}."
                    raise OutputError(reason) from error

    def _without_key(self, texts: list[str]) -> list[str]:
        """The texts as they are, or joined into one without the keys: a key may lie across two chunks."""
        joined = "".join(texts)
        clean = _KEYS.sub(REMOVED, joined.replace(self._key, REMOVED) if self._key else joined)
        return texts if clean == joined else [clean]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
