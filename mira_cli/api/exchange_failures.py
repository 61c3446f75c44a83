"""What went wrong on the way, not by a status: said in our words. Loaded when something does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.deadline import DeadlineExceeded
from mira_cli.api.error_bodies import words_of
from mira_cli.api.exchange_errors import Dropped, Garbled, NoReply, Oversized, Unreachable
from mira_cli.api.retry import Failed
from mira_cli.api.status_failures import check_address, quote, sentence
from mira_cli.errors import IncompleteError, MiraError, NetworkError, NoAnswerError, ServerError

if TYPE_CHECKING:
    from mira_cli.api.asked import Asked
    from mira_cli.api.decode import Decoder

_DROPPED = "The connection dropped; the answer is incomplete."
_UNREADABLE = "The rest of the answer cannot be read; it is incomplete."

_NO_REPLY = {
    "empty": "The server sent an empty answer.",
    "html": "The server answered with a web page instead of a reply.",
    "json": "The server answered with broken JSON.",
    "other": "The server answered with something that is no reply.",
}
_WRONG_PLACE = ("html", "other")


def no_answer(cause: Exception, asked: Asked, host: str, proxy_variable: str) -> Failed:
    """The failure of a try that got no answer at all."""
    if isinstance(cause, Unreachable):
        return _unreachable(cause, host, proxy_variable)
    if isinstance(cause, DeadlineExceeded):
        return Failed(_too_late(cause, text_came=False))
    if isinstance(cause, Dropped):
        error = NetworkError(f"{host} closed the connection without an answer.", hint="Try again.")
        return Failed(error, "" if cause.started else "connection lost")
    return Failed(ServerError(f"{host} does not speak HTTP.", hint=check_address(asked)))


def _too_late(limit: DeadlineExceeded, *, text_came: bool) -> MiraError:
    """The error for a limit that was reached."""
    advice = f"Raise it with --{limit.setting}."
    if text_came:
        silence = "took longer than" if limit.setting == "max-time" else "stopped coming for"
        return IncompleteError(f"The answer {silence} {limit.seconds:g} s; it is incomplete. {advice}")
    return NoAnswerError(f"No answer within {limit.seconds:g} s. {advice}")


def judge(decoder: Decoder, cause: Exception | None, asked: Asked) -> MiraError:
    """The error for an answer that began and is not whole, not there, or a failure in itself."""
    if decoder.failure is not None:
        return _reported(quote(words_of(decoder.failure).text, asked), text_came=decoder.has_text)
    if decoder.complete:
        why = f" (finish_reason {quote(decoder.finish_reason, asked)})" if decoder.finish_reason else ""
        return ServerError(
            f"The answer holds no text{why}.", hint="Try again, or ask in other words.", status=200
        )
    if isinstance(cause, DeadlineExceeded):
        return _too_late(cause, text_came=decoder.has_text)
    if decoder.has_text:
        return IncompleteError(_UNREADABLE if isinstance(cause, Garbled) else _DROPPED)
    return _nothing(cause, asked)


def tls_advice(why: str) -> str:
    """What to look at when a handshake failed: trust and the clock, or whom it was tried with."""
    about_trust = "certificate" in why and "mismatch" not in why and "alert" not in why
    return "Check SSL_CERT_FILE and the clock." if about_trust else "Check the base URL."


def _nothing(cause: Exception | None, asked: Asked) -> MiraError:
    if isinstance(cause, NoReply):
        kind = str(cause)
        hint = check_address(asked) if kind in _WRONG_PLACE else "Try again later."
        return ServerError(_NO_REPLY[kind], hint=hint, status=200)
    if cause is None or isinstance(cause, Dropped):
        return ServerError("The connection dropped before the answer began.", hint="Try again.", status=200)
    what = "is too large for a reply" if isinstance(cause, Oversized) else "cannot be read"
    return ServerError(f"The server's answer {what}.", hint="Try again later.", status=200)


def _reported(said: str, *, text_came: bool) -> MiraError:
    reported = "the server reported" if said else "the server reported an error without words"
    if text_came:
        return IncompleteError(sentence(f"The answer is incomplete, {reported}", said))
    return ServerError(sentence(reported.capitalize(), said), hint="Try again later.", status=200)


def _unreachable(cause: Unreachable, host: str, proxy_variable: str) -> Failed:
    way = ""
    if cause.proxy:
        way = f" through the proxy {cause.proxy}"
        advice = f"Check {proxy_variable or 'the proxy settings'}."
    elif cause.tls:
        advice = tls_advice(cause.why)
    else:
        advice = "Check the connection."
    error = NetworkError(f"Cannot reach {host}{way} ({cause.why}). {advice}")
    return Failed(error, "" if cause.lasting else "no connection", most=1 if cause.refused else None)
