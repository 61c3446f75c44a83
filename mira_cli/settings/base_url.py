"""Normalises the base URL, and gets its origin, which stored keys are bound to."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT = "https://api.vmira.ai/v1"
_ENDPOINT = "/chat/completions"
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_IPV6 = re.compile(r"\[[0-9A-Fa-f:.]+\](?::|$)")  # urlsplit has checked the address


def normalise(url: str) -> str:
    """The normalised base URL: without a trailing `/` or `/chat/completions`.

    A bare origin gets `/v1`. Scheme and host are lower-cased, a default port is dropped, and an international
    host name is converted to ASCII (IDNA).

    Raises:
        ValueError: It is not https, or http to this machine; the message continues "base_url".
    """
    url = url.strip()
    if any(character <= " " or character in "\\\x7f" for character in url):
        raise ValueError("must not contain white space, control characters or a backslash")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError(f"has a broken {'IPv6 address' if '[' in url else 'host name'}") from error
    if parts.scheme not in _DEFAULT_PORTS or not url[len(parts.scheme) :].startswith("://"):
        raise ValueError("must begin with https://")
    if "?" in url or "#" in url:
        raise ValueError("must not contain ? or #")
    if "@" in parts.netloc:
        raise ValueError("must not contain a user name or a password")
    host = _host(parts.netloc, parts.hostname or "")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(f"must begin with https:// (http:// is for this machine only, not for {host})")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("has a port that is not a number from 1 to 65535")
    if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
        host += f":{port}"
    path = parts.path.rstrip("/").removesuffix(_ENDPOINT).strip("/")
    return f"{parts.scheme}://{host}/{path or 'v1'}"


def origin(url: str) -> str:
    """Scheme, host and port of a normalised base URL."""
    return "/".join(url.split("/", 3)[:3])


def _host(netloc: str, name: str) -> str:
    """The host in ASCII, an IPv6 address in brackets."""
    if netloc.startswith("["):
        if not _IPV6.match(netloc):
            raise ValueError("has a broken IPv6 address")
        return f"[{name}]"
    if not name.isascii():
        try:
            name = name.encode("idna").decode()
        except UnicodeError as error:
            raise ValueError("has a host name that cannot be looked up") from error
    if not _HOST.fullmatch(name):
        raise ValueError("has no valid host name")
    return name


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
