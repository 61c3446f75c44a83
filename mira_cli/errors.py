"""The errors of mira, each with its exit code and its `type` in JSON. Imports nothing.

MiraError                 1  internal
├── OutputError           1  output       standard output cannot be written
├── UsageError            2  usage        a bad option, value or input
├── ConfigError           2  config       a broken or refused setting
├── NetworkError          3  network      name, refused, TLS, proxy
│   └── NoAnswerError     3  timeout      no answer in time, no text yet
├── AuthError             4  auth         key missing, malformed or refused
├── RefusedError          5  refused      400, 404, 422 …
│   ├── BlockedError      5  blocked      moderated content
│   ├── ContextError      5  context      too long for the model's window
│   └── TooLargeError     5  too_large    over the API's byte limits
├── RateLimitError        6  rate_limit   429 after all retries
├── QuotaError            6  quota        quota or balance used up
├── ServerError           7  server       5xx, nonsense with 200, an error object
├── IncompleteError       8  incomplete   part of a reply came, then it was cut
├── MismatchError         9  mismatch     the reply is not what was asked for
└── Interrupted         130  interrupted  Ctrl-C (143 TERM, 129 HUP, 131 QUIT)
ReaderGone              141               the reader of our stdout is gone: silent, not a MiraError
"""

from __future__ import annotations

_UNAUTHORISED = 401


class MiraError(Exception):
    """A failure, with a message for people and details for scripts.

    Args:
        message: What happened, one line, without the prefix `mira: `.
        hint: What to do about it, one line, or "".
        status: The HTTP status, if the error came with one.
        retry_after: Seconds until trying again makes sense, if known.
        partial: The text of the reply that arrived before the failure.
    """

    exit_code: int = 1
    type: str = "internal"
    retryable: bool = False
    retry_reason: str = ""
    """The reason for a retry by the client, in two words for the waiting line; "" for no retry."""
    retry_limit: int | None = None
    """Caps the retries that the settings allow; None for no cap."""
    affects_all: bool = False
    """Whether other requests would fail the same way, because the server is busy or failing."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        status: int | None = None,
        retry_after: float | None = None,
        partial: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status
        self.retry_after = retry_after
        self.partial = partial

    def as_json(self) -> dict[str, object]:
        """The `error` object that `--json`, `--events` and `batch` print."""
        return {
            "type": self.type,
            "message": self.message,
            "status": self.status,
            "retryable": self.retryable,
            "retry_after": self.retry_after,
            "partial": self.partial,
        }


class OutputError(MiraError):
    """Standard output or a named output file cannot be written."""

    type = "output"


class UsageError(MiraError):
    """A bad option or value, or an input file that cannot be read."""

    exit_code = 2
    type = "usage"


class ConfigError(MiraError):
    """A setting, its file or the environment is broken."""

    exit_code = 2
    type = "config"


class NetworkError(MiraError):
    """The API could not be reached, or the connection broke before any text arrived."""

    exit_code = 3
    type = "network"
    retryable = True


class NoAnswerError(NetworkError):
    """Nothing arrived within the time limit."""

    type = "timeout"


class AuthError(MiraError):
    """The key is missing, malformed or refused."""

    exit_code = 4
    type = "auth"

    @property
    def key_refused(self) -> bool:
        """Whether the API refused the key itself (401), rather than a path or a plan (403)."""
        return self.status == _UNAUTHORISED


class RefusedError(MiraError):
    """The API will not take this request."""

    exit_code = 5
    type = "refused"


class BlockedError(RefusedError):
    """The API's moderation blocked a message."""

    type = "blocked"


class ContextError(RefusedError):
    """The conversation does not fit the model's context window."""

    type = "context"


class TooLargeError(RefusedError):
    """A message or the request is over the API's size in bytes."""

    type = "too_large"


class RateLimitError(MiraError):
    """Too many requests; waiting helps."""

    exit_code = 6
    type = "rate_limit"
    retryable = True


class QuotaError(MiraError):
    """A quota or the balance is used up."""

    exit_code = 6
    type = "quota"


class ServerError(MiraError):
    """The server failed, or sent an unexpected response."""

    exit_code = 7
    type = "server"
    retryable = True


class IncompleteError(MiraError):
    """The reply was cut off after a part had arrived; `partial` holds that part."""

    exit_code = 8
    type = "incomplete"
    retryable = True


class MismatchError(MiraError):
    """The reply has no code block, is not JSON, or does not fit the schema."""

    exit_code = 9
    type = "mismatch"
    retryable = True


class Interrupted(MiraError):
    """A signal ended the run: 130 Ctrl-C, 143 TERM, 129 HUP, 131 QUIT."""

    exit_code = 130
    type = "interrupted"
    retryable = True

    def __init__(self, message: str = "Stopped.", *, exit_code: int = 130, partial: str = "") -> None:
        super().__init__(message, partial=partial)
        self.exit_code = exit_code


class ReaderGone(Exception):
    """The reader of our standard output is gone. Silent, exit code 141 (128 + SIGPIPE)."""

    exit_code = 141
