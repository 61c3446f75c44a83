"""Normalises the base URL, and gets its origin, which stored keys are bound to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from mira_cli.loopback import is_loopback
from mira_cli.settings.parse import BadValueError, word

DEFAULT = "https://api.vmira.ai/v1"
_ENDPOINT = "/chat/completions"
_DEFAULT_PORTS = {"https": 443, "http": 80}
_BAD_HOST = "has no valid host name or port"
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\]")  # urlsplit has checked an IPv6 address


def normalise(value: object) -> str:
    """The parser of a base URL: the URL without a trailing `/` or `/chat/completions`.

    A bare origin gets `/v1`. Scheme and host are lower-cased, a default port is dropped, and an international
    host name is converted to ASCII (IDNA).

    Raises:
        BadValueError: It is not https, or http to this machine.
    """
    url = word(value)
    if any(character <= " " or character in "\x7f\\?#" for character in url):
        raise BadValueError("must not contain white space, control characters, a backslash, ? or #")
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port
        host = f"[{name}]" if ":" in name else name.encode("idna").decode()
    except ValueError as error:
        raise BadValueError(_BAD_HOST) from error
    if parts.scheme not in _DEFAULT_PORTS or not url[len(parts.scheme) :].startswith("://"):
        raise BadValueError("must begin with https://")
    if "@" in parts.netloc:
        raise BadValueError("must not contain a user name or a password")
    if not _HOST.fullmatch(host) or port == 0:
        raise BadValueError(_BAD_HOST)
    if parts.scheme == "http" and not is_loopback(host):
        raise BadValueError(f"must begin with https:// (http:// is for this machine only, not for {host})")
    if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
        host += f":{port}"
    path = parts.path.rstrip("/").removesuffix(_ENDPOINT).strip("/")
    return f"{parts.scheme}://{host}/{path or 'v1'}"


def origin(url: str) -> str:
    """Scheme, host and port of a normalised base URL."""
    return "/".join(url.split("/", 3)[:3])
