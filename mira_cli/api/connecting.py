"""Opens a connection: looks up the name, connects, shakes hands, all within one time limit."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

from mira_cli.api.exchange_errors import Unreachable

if TYPE_CHECKING:
    import ssl

_Address = tuple[int, int, int, str, Any]


def connect(host: str, port: int, timeout: float, context: ssl.SSLContext | None) -> socket.socket:
    """A connected socket, TLS done if there is a context.

    Args:
        host: A name or an address.
        port: The port.
        timeout: Seconds for everything together.
        context: For https.

    Raises:
        Unreachable: It says why.
    """
    end = time.monotonic() + timeout
    sock = _first_that_answers(_look_up(host, port, end), end, timeout)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return sock if context is None else _shake_hands(sock, host, context, end, timeout)
    except BaseException:
        sock.close()
        raise


def _first_that_answers(addresses: list[_Address], end: float, timeout: float) -> socket.socket:
    """Try the addresses one after the other; each gets a fair share of the time that is left."""
    failure = Unreachable("name not found", unknown=True)
    for number, (family, kind, protocol, _, address) in enumerate(addresses):
        share = (end - time.monotonic()) / (len(addresses) - number)
        if share <= 0:
            break
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            failure = Unreachable(_words(error))
            continue
        try:
            sock.settimeout(share)
            sock.connect(address)
        except TimeoutError:
            sock.close()
            failure = Unreachable(_too_slow(timeout))
        except OSError as error:
            sock.close()
            failure = Unreachable(_words(error), refused=isinstance(error, ConnectionRefusedError))
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


def _shake_hands(
    sock: socket.socket, host: str, context: ssl.SSLContext, end: float, timeout: float
) -> socket.socket:
    import ssl

    try:
        sock.settimeout(max(0.001, end - time.monotonic()))
        return context.wrap_socket(sock, server_hostname=host)
    except TimeoutError:
        raise Unreachable(f"TLS: no handshake within {round(timeout, 1):g} s") from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:  # the same, as Python before 3.11.4 says it
        raise Unreachable("TLS: connection closed") from error
    except ssl.SSLError as error:
        raise Unreachable(tls_words(error), tls=True) from error
    except OSError as error:
        raise Unreachable(f"TLS: {_words(error)}") from error


def _look_up(host: str, port: int, end: float) -> list[_Address]:
    """The addresses of a host. A name is looked up in a thread: the system's resolver knows no time limit."""
    if host == "localhost" or ":" in host or host.replace(".", "").isdigit():
        return _resolve(host, port)
    from mira_cli.api.in_thread import InThread

    def left() -> float:
        seconds = end - time.monotonic()
        if seconds <= 0:
            raise Unreachable("name look-up took too long", unknown=True)
        return seconds

    addresses: list[_Address] = InThread(lambda: _resolve(host, port)).wait(left)
    return addresses


def _resolve(host: str, port: int) -> list[_Address]:
    try:
        # As bytes, a name that is ASCII already does without the codec for international names.
        name = host.encode("ascii" if host.isascii() else "idna")
        return list(socket.getaddrinfo(name, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError) as error:
        raise Unreachable("name not found", unknown=True) from error


def tls_words(error: OSError) -> str:
    """What an SSLError tells of a handshake, in a few words."""
    reason = getattr(error, "reason", "") or "handshake failed"
    said = getattr(error, "verify_message", "") or reason.replace("_", " ").lower()
    return f"TLS: {said.rstrip('.')}"


def _words(error: OSError) -> str:
    return (error.strerror or "connection failed").lower()


def _too_slow(timeout: float) -> str:
    return f"no connection within {round(timeout, 1):g} s"
