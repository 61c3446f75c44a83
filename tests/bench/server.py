"""A server with prepared answers, in a process of its own, that says on standard output what happens when.

    python server.py [CERTIFICATE-FILE]

The first line is `listening PORT`. Then, with the seconds of the system's monotonic clock:

    ready NAME        an answer that was asked for the first time is prepared
    request SECONDS   the last byte of a request has come
    sent SECONDS      the piece of the answer that counts (`word`: its word, else its end) goes out now

The first part of the path names the answer, as in http://127.0.0.1:PORT/mixed-200000/v1/chat/completions:

    hold              none: the client waits until it is stopped
    short             a sentence at once
    word              a word after 500 ms, when the client has long been waiting for it
    end               the same word, its end 50 ms later
    KIND-SIZE         a text of `texts.KINDS` and of so many characters, one token an event, one event a chunk
                      of HTTP, one `send` a chunk, as fast as the connection takes them
    paced-KIND-SIZE   the same with 40 µs between two tokens, about what a server in Python takes for one: each
                      token reaches the client by itself, as it does in life
    burst-KIND-SIZE   the same in as few sends as possible

Nothing is computed while an answer goes out, so a client that is slow is slow by itself.
"""

from __future__ import annotations

import json
import socket
import ssl
import sys
import time
from contextlib import suppress
from functools import cache
from threading import Lock, Thread

from texts import text_of, tokens_of

WORD = "Zebra"
_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
_END = b"0\r\n\r\n"
_PAUSE = 0.05
_THINKING = 0.5
_PACE = 0.000_04
_told = Lock()

Step = float | str | bytes | list[bytes]
"""Seconds to wait, a mark to tell, bytes to send, or pieces to send one by one, each after a pause."""


def _tell(what: str, detail: object) -> None:
    with _told:
        sys.stdout.write(f"{what} {detail}\n")
        sys.stdout.flush()


def _chunk(data: str) -> bytes:
    body = f"data: {data}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(body), body)


def _event(delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return _chunk(
        json.dumps(
            {
                "id": "chatcmpl-bench",
                "object": "chat.completion.chunk",
                "created": 1760000000,
                "model": "mira",
                "choices": [choice],
            },
            ensure_ascii=False,
        )
    )


@cache
def steps_of(name: str) -> tuple[Step, ...]:
    """What to do for an answer."""
    if name == "hold":
        return (3600.0,)
    end = _event({}, "stop") + _chunk("[DONE]") + _END
    head = _HEAD + _event({"role": "assistant", "content": ""})
    if name == "short":
        return head, *(_event({"content": word}) for word in ("It ", "learns.")), "sent", end
    word = _event({"content": f"{WORD} "})
    if name == "word":
        return head, _THINKING, "sent", word, _PAUSE, end
    if name == "end":
        return head, _THINKING, word, _PAUSE, "sent", end
    kind, size = name.removeprefix("burst-").removeprefix("paced-").split("-")
    events = [_event({"content": token}) for token in tokens_of(text_of(kind, int(size)))]
    if name.startswith("burst-"):
        events = [b"".join(events)]
    if name.startswith("paced-"):
        return head, events, "sent", end
    return head, *events, "sent", end


def _play(connection: socket.socket, steps: tuple[Step, ...]) -> None:
    for step in steps:
        if isinstance(step, bytes):
            connection.sendall(step)
        elif isinstance(step, list):
            _send_paced(connection, step)
        elif isinstance(step, str):
            _tell(step, time.monotonic())
        else:
            # Also ends when the client leaves, or sends what nobody asked for.
            connection.settimeout(step)
            with suppress(TimeoutError):
                connection.recv(1)
                return
            connection.settimeout(None)


def _send_paced(connection: socket.socket, pieces: list[bytes]) -> None:
    """Send one piece after the other; to sleep would take longer than the pause."""
    for piece in pieces:
        end = time.perf_counter() + _PACE
        while time.perf_counter() < end:
            pass
        connection.sendall(piece)


def _serve(connection: socket.socket) -> None:
    """Answer one request after the other until the client leaves."""
    data = b""
    while True:
        while b"\r\n\r\n" not in data:
            received = connection.recv(1 << 20)
            if not received:
                return
            data += received
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {key.lower(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        while len(body) < length:
            body += connection.recv(1 << 20)
        _tell("request", time.monotonic())
        data = body[length:]
        _play(connection, steps_of(first.split(" ")[1].split("/")[1]))


def _handle(connection: socket.socket, context: ssl.SSLContext | None) -> None:
    with suppress(OSError):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            connection = context.wrap_socket(connection, server_side=True)
        with connection:
            _serve(connection)


def main(certificate: str = "") -> None:
    """Serve until standard input ends."""
    context = None
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    Thread(target=_accept, args=(listener, context), daemon=True).start()
    _tell("listening", listener.getsockname()[1])
    for line in sys.stdin:  # the names of answers to prepare
        steps_of(line.strip())
        _tell("ready", line.strip())


def _accept(listener: socket.socket, context: ssl.SSLContext | None) -> None:
    while True:
        connection, _ = listener.accept()
        Thread(target=_handle, args=(connection, context), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
