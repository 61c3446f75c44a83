"""The headers that every request carries."""

from __future__ import annotations

from mira_cli import __version__


def make_headers(key: str, *, idempotency: str = "") -> dict[str, str]:
    """Headers of a GET, or with an idempotency key of a POST whose answer may be a stream.

    Args:
        key: The API key, "" to send none.
        idempotency: The same for all tries of one request.
    """
    headers = {
        "User-Agent": f"mira-cli/{__version__}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    if key:
        headers["Authorization"] = f"Bearer {key}"
    if idempotency:
        headers["Accept"] = "text/event-stream, application/json"
        headers["Content-Type"] = "application/json"
        headers["Idempotency-Key"] = idempotency
    return headers
