"""What went wrong on the way, in words for people: no connection, no answer in time, not a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.status_errors import check_address, quote, sentence
from mira_cli.conversation.trimming import estimate
from mira_cli.errors import BlockedError, IncompleteError, MiraError, NetworkError, NoAnswerError, ServerError

if TYPE_CHECKING:
    from mira_cli.api.deadline import DeadlineExceeded
    from mira_cli.api.request import RequestInfo

_NOT_A_REPLY = {
    "empty": "The server sent an empty answer.",
    "html": "The server answered with a web page instead of a reply.",
    "json": "The server answered with broken JSON.",
    "other": "The server sent an unexpected response.",
}
_WRONG_PLACE = ("html", "other")
# Tokens, by our estimate: the smallest windows that servers are run with hold 2,048.
_LONG_CONVERSATION = 1500
_MAY_NOT_FIT = "The conversation may not fit the server's context window; set one with --context N."


class Dropped(Exception):
    """The connection ended before the body did."""


class Unreadable(Exception):
    """The body is not HTTP, or not in the encoding it says."""


class Oversized(Unreadable):
    """The body is larger than anyone would send on purpose."""


class NotAReply(Exception):
    """The body of a 200 is not a reply: it is "empty", "html", broken "json" or something "other"."""


class Unreachable(NetworkError):
    """There is no connection.

    Args:
        host: The server.
        why: In a few words: "name not found", "connection refused" …
        proxy: Host and port of the proxy that failed, or "".
        variable: The variable that names the proxy, or "".
        tls: Whether certificates or the handshake failed.
        unknown: Whether the name has no address.
        refused: Whether the connection was refused: a server that does not run; tried again once at most.
        permanent: Whether another try would fail the same way.
    """

    def __init__(
        self,
        host: str,
        why: str,
        *,
        proxy: str = "",
        variable: str = "",
        tls: bool = False,
        unknown: bool = False,
        refused: bool = False,
        permanent: bool = False,
    ) -> None:
        through = f" through the proxy {proxy}" if proxy else ""
        if proxy:
            advice = f"Check {variable or 'the proxy settings'}."
        else:
            advice = tls_advice(why) if tls else "Check the connection."
        super().__init__(f"Cannot reach {host}{through} ({why}). {advice}")
        self.why = why
        self.unknown = unknown
        self.retry_reason = "" if tls or permanent else "no connection"
        self.retry_limit = 1 if refused else None


def closed_without_answer(host: str) -> NetworkError:
    """The error for a connection that ended before the answer began."""
    error = NetworkError(f"{host} closed the connection without an answer.", hint="Try again.")
    error.retry_reason = "connection lost"
    return error


def not_http(host: str, info: RequestInfo) -> ServerError:
    """The error for an answer that is not HTTP."""
    return ServerError(f"{host} does not speak HTTP.", hint=check_address(info.server.base_url))


def too_late(limit: DeadlineExceeded, *, text_came: bool = False) -> MiraError:
    """The error for a limit that was reached."""
    seconds = f"{limit.seconds:g} s"
    pings = ", only keep-alive signals" if limit.pings else ""
    advice = f"Wait longer with --{limit.setting}."
    if not text_came:
        return NoAnswerError(f"No answer within {seconds}{pings}. {advice}")
    what = f"No data for {seconds}{pings}; the answer is incomplete."
    if limit.setting == "max-time":
        what = f"The answer took longer than {seconds}; it is incomplete."
    return IncompleteError(f"{what} {advice}")


def tls_advice(why: str) -> str:
    """What to check when a handshake failed: trust and the clock, or the server."""
    about_trust = "certificate" in why and "mismatch" not in why and "alert" not in why
    return "Check SSL_CERT_FILE and the clock." if about_trust else "Check the base URL."


def cut_off(cause: Exception | None) -> IncompleteError:
    """The error for an answer that ended early, after some text."""
    if isinstance(cause, Unreadable):
        return IncompleteError("The rest of the answer cannot be read; it is incomplete.")
    return IncompleteError("The connection dropped; the answer is incomplete.")


def no_reply(cause: Exception | None, info: RequestInfo) -> ServerError:
    """The error for a 200 that ended before any text."""
    if isinstance(cause, NotAReply):
        kind = str(cause)
        hint = check_address(info.server.base_url) if kind in _WRONG_PLACE else "Try again later."
        if kind == "empty" and _is_long(info):
            hint = _MAY_NOT_FIT
        return ServerError(_NOT_A_REPLY[kind], hint=hint, status=200)
    if cause is None or isinstance(cause, Dropped):
        return ServerError("The connection dropped before the answer began.", hint="Try again.", status=200)
    what = "is too large for a reply" if isinstance(cause, Oversized) else "cannot be read"
    return ServerError(f"The server's answer {what}.", hint="Try again later.", status=200)


def empty_reply(finish_reason: str, unreadable: int, info: RequestInfo) -> ServerError:
    """The error for a complete reply without text; `unreadable`: events in it that were not JSON objects."""
    if unreadable:
        events = "The only event" if unreadable == 1 else f"None of the {unreadable} events"
        verb = "cannot" if unreadable == 1 else "can"
        message = f"{events} of the server's answer {verb} be read."
        return ServerError(message, hint="Try again later.", status=200)
    why = f" (finish_reason {quote(finish_reason, info)})" if finish_reason else ""
    hint = _MAY_NOT_FIT if _is_long(info) else "Try again, or rephrase the question."
    return ServerError(f"The reply is empty{why}.", hint=hint, status=200)


def refused(words: str, info: RequestInfo) -> BlockedError:
    """The error for a model that sent a refusal in place of a reply."""
    said = quote(words, info)
    return BlockedError(
        sentence("The model refused to answer", said), hint="Rephrase and try again.", status=200
    )


def reported(words: str, info: RequestInfo, *, text_came: bool) -> MiraError:
    """The error for a failure that the server reports within a 200."""
    said = quote(words, info)
    what = "the server reported" if said else "the server reported an error without words"
    if text_came:
        return IncompleteError(sentence(f"The answer is incomplete, {what}", said))
    return ServerError(sentence(what.capitalize(), said), hint="Try again later.", status=200)


def _is_long(info: RequestInfo) -> bool:
    return sum(map(estimate, info.texts)) >= _LONG_CONVERSATION
