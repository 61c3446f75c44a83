"""Servers that send exactly the bytes a test wants, over real sockets, and a client that looks at them."""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import ExitStack, suppress

import pytest
import trustme

from mira_cli.api.client import Client
from mira_cli.api.deadline import Limits
from mira_cli.api.request import Server as Address
from mira_cli.conversation.message import Message, Options, Request
from mira_cli.conversation.reply import ReplyBuilder
from mira_cli.errors import MiraError

KEY = "sk-mira-1a2b3c4d" + "e5f6a7b8" * 4


class Keep(bytes):
    """Sent without closing the connection afterwards."""


class Server:
    """Answers one request after the other: with bytes, then closing, or by a function of the socket."""

    def __init__(self, acts, context=None):
        self.acts = list(acts)
        self.requests = []
        self.connections = 0
        self.context = context
        self.closed_by_client = threading.Event()
        self.stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=50)
        self.port = self._socket.getsockname()[1]
        self._open = []
        self._threads = []
        self._begin(self._accept)

    @property
    def base_url(self):
        scheme = "https" if self.context else "http"
        return f"{scheme}://{'localhost' if self.context else '127.0.0.1'}:{self.port}/v1"

    @property
    def bodies(self):
        return [body for _, body in self.requests]

    def header(self, name, number=0):
        lines = self.requests[number][0].decode().split("\r\n")[1:]
        return [line.partition(": ")[2] for line in lines if line.lower().startswith(f"{name.lower()}:")]

    def _begin(self, work, *arguments):
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self.connections += 1
                self._open.append(connection)
                self._begin(self._serve, connection)

    def _serve(self, connection):
        with suppress(OSError), ExitStack() as stack:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
                self._open.append(connection)
            stack.callback(connection.close)
            while self.acts and self._receive(connection):
                act = self.acts.pop(0)
                if not isinstance(act, bytes):
                    act(connection)
                    return
                connection.sendall(act)
                if not isinstance(act, Keep):
                    return
            if not self.acts:
                connection.recv(1)
                self.closed_by_client.set()

    def _receive(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return False
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.split(b"\r\n")
                if line.lower().startswith(b"content-length")
            ),
            0,
        )
        while len(body) < length:
            body += connection.recv(65536)
        self.requests.append((head, body))
        return True

    def close(self):
        self.stop.set()
        for one in [self._socket, *self._open]:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits there: else it outlives the test
        # A TLS connection tells its end to the other side: once it is closed, to whoever got its number next.
        for thread in self._threads:
            thread.join(60)
        for one in [self._socket, *self._open]:
            with suppress(OSError):
                one.close()


class Watcher:
    """Notes what the client tells it."""

    def __init__(self):
        self.retries = []
        self.for_all = []
        self.notices = []
        self.lines = []

    def retrying(self, wait, attempt, of, reason, *, for_all):
        self.retries.append((wait, attempt, of, reason))
        self.for_all.append(for_all)

    def notice(self, kind, message):
        self.notices.append((kind, message))

    def log(self, line):
        self.lines.append(line)


class Asker:
    """A client whose waits are noted, not waited."""

    def __init__(self, base_url, *, env=None, limits=None, **options):
        self.watcher = Watcher()
        self.slept = []
        self.client = Client(
            Address(base_url, options.pop("key", KEY)),
            limits or Limits(**{"timeout": 60, "connect_timeout": 60} | options.pop("limit", {})),
            self.watcher,
            env=env or {},
            sleep=self.slept.append,
            **options,
        )
        self.chunks = []

    def ask(self, *contents, **options):
        """The reply, or the error with what came before it as `partial`."""
        messages = tuple(Message("user", content) for content in contents or ("Hi",))
        builder = ReplyBuilder()
        self.chunks = []
        try:
            for chunk in self.client.send(Request(messages, Options(**{"model": "mira"} | options))):
                self.chunks.append(chunk)
                builder.add(chunk)
        except MiraError as error:
            error.partial = builder.text
            return error
        return builder


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch):
    """The waits between two tries are as long as they can be."""
    monkeypatch.setattr("mira_cli.api.retry.random", lambda: 1.0)


@pytest.fixture
def serve():
    """Start a server that acts so."""
    with ExitStack() as stack:

        def start(*acts, context=None):
            server = Server(acts, context)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def asker():
    """Make a client of a server or a base URL."""
    with ExitStack() as stack:

        def make(server, **options):
            made = Asker(server if isinstance(server, str) else server.base_url, **options)
            stack.callback(made.client.close)
            return made

        yield make


@pytest.fixture
def ask(serve, asker):
    """Ask a server that acts so; gives the outcome, the server and the asker."""

    def run(*acts, **options):
        server = serve(*acts)
        one = asker(server, **options)
        return one.ask(), server, one

    return run


@pytest.fixture
def keep():
    """Bytes after which the server keeps the connection."""
    return Keep


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture(scope="module")
def context(authority):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost", "mira.test").configure_cert(made)
    return made


@pytest.fixture(scope="module")
def bundle(authority, tmp_path_factory):
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path
