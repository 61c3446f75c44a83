"""Errors of the connection and of broken replies: no connection, no answer in time, not a reply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.deadline import DeadlineExceeded
from mira_cli.api.status_errors import check_address, message_of, quote, sentence
from mira_cli.conversation.sizes import estimate
from mira_cli.errors import BlockedError, IncompleteError, MiraError, NetworkError, NoAnswerError, ServerError

if TYPE_CHECKING:
    from mira_cli.api.decode import Decoder
    from mira_cli.api.environment import Proxy
    from mira_cli.api.request import RequestInfo

_AGAIN, _LATER, _ADDRESS = "Try again.", "Try again later.", ""
BROKEN = {
    "dropped": ("The connection dropped before the answer began.", _AGAIN),
    "unreadable": ("The server's answer cannot be read.", _LATER),
    "oversized": ("The server's answer is too large for a reply.", _LATER),
    "empty": ("The server sent an empty answer.", _LATER),
    "html": ("The server answered with a web page instead of a reply.", _ADDRESS),
    "json": ("The server answered with broken JSON.", _LATER),
    "other": ("The server sent an unexpected response.", _ADDRESS),
}
"""Ways in which the body of a 200 is broken: message and hint, "" for the hint to check the address."""

# Estimated tokens; the smallest context windows in use hold 2,048.
_LONG_CONVERSATION = 1500
_MAY_NOT_FIT = "The conversation may not fit the server's context window; set one with --context N."


class Unreachable(NetworkError):
    """There is no connection.

    Args:
        host: The server.
        why: A few words: "name not found", "connection refused" …
        stage: Where it failed: "DNS", "connection" or "TLS".
        proxy: The proxy that failed, None if it was the server.
        retries: Caps the retries that the settings allow; None for no cap.
    """

    retry_reason = "no connection"

    def __init__(self, host: str, why: str, stage: str, proxy: Proxy | None, retries: int | None) -> None:
        through = f" through the proxy {proxy.label}" if proxy else ""
        words = f"TLS: {why}" if stage == "TLS" else why
        self.advice = "Check the connection."
        if proxy:
            self.advice = f"Check {proxy.variable or 'the proxy settings'}."
        elif stage == "TLS" and retries == 0:
            about_trust = "certificate" in why and "mismatch" not in why and "alert" not in why
            self.advice = "Check SSL_CERT_FILE and the clock." if about_trust else "Check the base URL."
        super().__init__(f"Cannot reach {host}{through} ({words}). {self.advice}")
        self.why = why
        self.stage = stage
        self.retry_limit = retries


def closed_without_answer(host: str, *, begun: bool) -> NetworkError:
    """The error for a connection that ended before the head of the answer did. `begun`: a part of it came."""
    if begun:
        return NetworkError(f"{host} closed the connection in the middle of its answer.", hint=_AGAIN)
    error = NetworkError(f"{host} closed the connection without an answer.", hint=_AGAIN)
    error.retry_reason = "connection lost"
    return error


def not_http(host: str, base_url: str) -> ServerError:
    """The error for an answer that is not HTTP."""
    return ServerError(f"{host} does not speak HTTP.", hint=check_address(base_url))


def too_late(limit: DeadlineExceeded, *, text_came: bool = False) -> MiraError:
    """The error for a time limit that was reached."""
    seconds = f"{limit.seconds:g} s"
    pings = ", only keep-alive signals" if limit.pings else ""
    advice = f"Wait longer with --{limit.setting}."
    if not text_came:
        return NoAnswerError(f"No answer within {seconds}{pings}. {advice}")
    what = f"No data for {seconds}{pings}; the answer is incomplete."
    if limit.setting == "max-time":
        what = f"The answer took longer than {seconds}; it is incomplete."
    return IncompleteError(f"{what} {advice}")


def failed_reply(decoder: Decoder, cause: Exception | None, info: RequestInfo) -> MiraError:
    """The error for a reply that was cut off, is missing, or reports an error.

    `cause` is the DeadlineExceeded or BrokenBody that ended it, None if the connection was closed.
    """
    if decoder.failure is not None:
        return _reported(decoder, info)
    if decoder.refusal:
        message = sentence("The model refused to answer", quote(decoder.refusal, info))
        return BlockedError(message, hint="Rephrase and try again.", status=200)
    ended = decoder.complete or (cause is None and decoder.unreadable)
    if ended and not decoder.has_text:
        return _empty(decoder, info)
    if isinstance(cause, DeadlineExceeded):
        return too_late(cause, text_came=decoder.has_text)
    kind = str(cause or "dropped")
    if decoder.has_text:
        what = "The connection dropped" if kind == "dropped" else "The rest of it cannot be read"
        return IncompleteError(f"{what}; the answer is incomplete.")
    message, hint = BROKEN[kind]
    if kind == "empty" and _is_long(info):
        hint = _MAY_NOT_FIT
    return ServerError(message, hint=hint or check_address(info.server.base_url), status=200)


def _reported(decoder: Decoder, info: RequestInfo) -> MiraError:
    """The error that the server reports in the body of a 200."""
    quoted = quote(message_of(decoder.failure).text, info)
    what = "the server reported" if quoted else "the server reported an error without a message"
    if decoder.has_text:
        return IncompleteError(sentence(f"The answer is incomplete, {what}", quoted))
    return ServerError(sentence(what.capitalize(), quoted), hint=_LATER, status=200)


def _empty(decoder: Decoder, info: RequestInfo) -> ServerError:
    """The error for a complete reply without text."""
    if decoder.unreadable:
        return ServerError("No event of the server's answer can be read.", hint=_LATER, status=200)
    why = f" (finish_reason {quote(decoder.finish_reason, info)})" if decoder.finish_reason else ""
    hint = _MAY_NOT_FIT if _is_long(info) else "Try again, or rephrase the question."
    return ServerError(f"The reply is empty{why}.", hint=hint, status=200)


def _is_long(info: RequestInfo) -> bool:
    return sum(map(estimate, info.texts)) >= _LONG_CONVERSATION
