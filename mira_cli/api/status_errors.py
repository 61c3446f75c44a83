"""A status and an error body turned into a MiraError that says what to do. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mira_cli.api.error_body import Words, words_in
from mira_cli.api.models import BUILTIN
from mira_cli.api.retry import LONGEST_WAIT, is_retryable, told_wait, when
from mira_cli.errors import (
    AuthError,
    BlockedError,
    ContextError,
    MiraError,
    NetworkError,
    QuotaError,
    RateLimitError,
    RefusedError,
    ServerError,
    TooLargeError,
)
from mira_cli.masking import mask, redact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.api.request import RequestInfo

_PLATFORM = "https://platform.vmira.ai"

_MODELS = "See the models: mira models"
_LONGEST_QUOTE = 300
_SHORTEST_ECHO = 12  # characters of a message that are not repeated
_BLANKS = re.compile(r"[ \t\r\n]+")  # not the controls that str.split() takes for blanks: those are shown

_MONEY = re.compile(r"quota|billing|balance(?!r)|квот|баланс", re.IGNORECASE)
_MONEY_STATUSES = (402, 403, 429)
_PAYMENT_REQUIRED = 402
_TOO_MANY = 429
_SERVER_ERRORS = 500
_MAY_SPEAK_OF_THE_WINDOW = (400, 413, 422)
_REDIRECTION = 3
_CLIENT_ERROR = 4
_WINDOW = re.compile(
    r"context[_ ](?:length|window|size)|maximum context|too many tokens|(?:prompt|input) is too long"
    r"|reduce the length of the messages|длин\w* контекст|контекстн\w* окн"
    r"|слишком длинн\w* (?:контекст|запрос)",
    re.IGNORECASE,
)
_MODEL = re.compile(r"\bmodel|модел", re.IGNORECASE)
_PLAN = re.compile(r"\bplan\b|subscri|upgrade|тариф|подписк", re.IGNORECASE)


def quote(text: str, info: RequestInfo) -> str:
    """What a server said, on one line: short, without the key and what it repeats of the conversation."""
    for said in info.texts:
        if len(said) >= _SHORTEST_ECHO:
            text = text.replace(said, "…")
    text = redact(_BLANKS.sub(" ", text[: 40 * _LONGEST_QUOTE]).strip(" "))
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1].rstrip()}…"


def _speaks_of_money(status: int, words: Words) -> bool:
    said = " ".join([words.text, *words.codes])
    return status in _MONEY_STATUSES and _MONEY.search(said) is not None


def from_response(
    status: int, reason: str, headers: Mapping[str, str], body: bytes, info: RequestInfo, now: float
) -> MiraError:
    """The error for a status other than 2xx, with what it says about another try.

    Args:
        status: The HTTP status.
        reason: The words of the status line.
        headers: By lower-case name.
        body: The error body, or its first 64 kB.
        info: What was sent.
        now: The time of day in seconds since the epoch.
    """
    words = words_in(body)
    said = quote(words.text, info)
    told = said or f"{status} {quote(reason, info)}".strip()
    wait = told_wait(headers, now)
    error = _error(status, words, told, said, info)
    if isinstance(error, ServerError) and wait is not None and wait > LONGEST_WAIT:
        # "Later" rather than "yes" to a script that asks whether to retry.
        error = RateLimitError(error.message)
    error.status = status
    error.retry_after = wait
    error.affects_all = status == _TOO_MANY or status >= _SERVER_ERRORS
    if is_retryable(status, headers, quota=isinstance(error, QuotaError)):
        kind = "server error" if status >= _SERVER_ERRORS else "error"
        error.retry_reason = "rate limited" if status == _TOO_MANY else f"{kind} {status}"
    if wait is not None and isinstance(error, (RateLimitError, QuotaError)):
        error.message = f"{error.message} Try again {when(now, wait)}."
        if isinstance(error, RateLimitError):
            error.hint = ""
    return error


def _error(status: int, words: Words, told: str, said: str, info: RequestInfo) -> MiraError:
    if words.blocked:
        about = f" ({quote(words.category, info)})" if words.category else ""
        return BlockedError(
            f"The API's moderation blocked this message{about}.", hint="Rephrase and try again."
        )
    if status == _PAYMENT_REQUIRED or _speaks_of_money(status, words):
        return QuotaError(sentence("The balance or quota is used up", said), hint=f"Top up at {_PLATFORM}.")
    if status in _MAY_SPEAK_OF_THE_WINDOW and _WINDOW.search(" ".join([words.text, *words.codes])):
        return ContextError(
            sentence("The conversation is too long for the model", told),
            hint="Send less, or use a model with a larger context window (mira models).",
        )
    if status in _BY_STATUS:
        return _BY_STATUS[status](told, said, info)
    return _by_class(status, told, said, info)


def _by_class(status: int, told: str, said: str, info: RequestInfo) -> MiraError:
    what = str(status) if said else told
    if status // 100 == _REDIRECTION:
        message = f"The API redirects elsewhere ({status}); redirects are not followed."
        return RefusedError(message, hint=check_address(info.server.base_url))
    if status // 100 == _CLIENT_ERROR:
        about_model = info.model not in BUILTIN and _MODEL.search(said)
        hint = _MODELS if about_model else ""
        return RefusedError(sentence(f"The API refused the request ({what})", said), hint=hint)
    return ServerError(sentence(f"The server failed ({what})", said), hint="Try again later.")


def _rate_limited(_told: str, _said: str, _info: RequestInfo) -> MiraError:
    return RateLimitError("Rate limited.", hint="Wait a while, then try again.")


def _unauthorised(_told: str, _said: str, info: RequestInfo) -> MiraError:
    label = info.server.key_label or f"key {mask(info.server.key)}"
    return AuthError(
        f"The API refused {label}.", hint=info.server.key_hint or "Set another: mira config set key"
    )


def _forbidden(told: str, said: str, info: RequestInfo) -> MiraError:
    plan = BUILTIN[info.model].plan if info.model in BUILTIN else ""
    if said.strip(" .").lower() in {"", "forbidden"} and not _PLAN.search(said):
        hint = check_address(info.server.base_url)
        if plan not in {"", "free"}:
            hint = f"{info.model} needs the {plan} plan ({_PLATFORM}); otherwise: {hint}"
        return AuthError("The API forbids this request (403).", hint=hint)
    need = (
        f"{info.model} needs the {plan} plan: {_PLATFORM}"
        if plan not in {"", "free"}
        else f"See which plan you have at {_PLATFORM}"
    )
    return AuthError(sentence("The API forbids this request", told), hint=f"{need}.")


def _wrong_path(told: str, said: str, info: RequestInfo) -> MiraError:
    if said and _MODEL.search(said):
        return RefusedError(sentence("The API refused the request", told), hint=_MODELS)
    return RefusedError(
        sentence("The API is not at this address", told), hint=check_address(info.server.base_url)
    )


def _too_early(_told: str, said: str, _info: RequestInfo) -> MiraError:
    return ServerError(sentence("The server will not answer so early (425)", said), hint="Try again later.")


def _proxy_refused(_told: str, said: str, _info: RequestInfo) -> MiraError:
    return NetworkError(
        sentence("The proxy wants a name and a password (407)", said),
        hint="Put them into the URL in HTTPS_PROXY or HTTP_PROXY.",
    )


def _timed_out(_told: str, said: str, _info: RequestInfo) -> MiraError:
    return ServerError(sentence("The server took too long (408)", said), hint="Try again later.")


def _too_large(_told: str, said: str, info: RequestInfo) -> MiraError:
    return TooLargeError(
        sentence(f"The request is too large for the API ({info.size:,} bytes)", said),
        hint="Send less at once.",
    )


_BY_STATUS = {
    401: _unauthorised,
    403: _forbidden,
    404: _wrong_path,
    405: _wrong_path,
    407: _proxy_refused,
    408: _timed_out,
    410: _wrong_path,
    413: _too_large,
    425: _too_early,
    429: _rate_limited,
}


def check_address(base_url: str) -> str:
    """The hint for what looks like a wrong address."""
    return f"Check the base URL, {base_url}: mira config get base_url"


def sentence(start: str, said: str) -> str:
    """What happened, and what the server said of it, if it said anything."""
    if not said:
        return f"{start}."
    return f"{start}: {said}" if said[-1] in ".!?…" else f"{start}: {said}."
