"""The base URL in its normal form, and its origin, which stored keys are bound to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from urllib.parse import SplitResult

DEFAULT = "https://api.vmira.ai/v1"
_ENDPOINT = "/chat/completions"
_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.-_")


def normalise(url: str) -> str:
    """The base URL as requests use it: without a final `/` or `/chat/completions`.

    A bare origin gets `/v1`. Scheme and host are in lower case, a default port is dropped, an international
    host is in its ASCII form (IDNA).

    Raises:
        ValueError: It is not https, or http to this machine; the message goes on after "base_url".
    """
    url = url.strip()
    if url == DEFAULT:
        return url
    if any(character <= " " or character in "\\\x7f" for character in url):
        raise ValueError("must not contain white space, control characters or a backslash")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError(f"has a broken {'IPv6 address' if '[' in url else 'host name'}") from error
    if parts.scheme not in _DEFAULT_PORTS or url[len(parts.scheme) :][:3] != "://":
        raise ValueError("must begin with https://")
    if "?" in url or "#" in url:
        raise ValueError("must not contain ? or #")
    if "@" in parts.netloc:
        raise ValueError("must not contain a user name or a password")
    host, port = _host(parts), _port(parts)
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(f"must begin with https:// (http:// is for this machine only, not for {host})")
    if host.rpartition(".")[2].isdigit() and not _is_ipv4(host):
        raise ValueError("has a broken IPv4 address")
    if port not in {None, _DEFAULT_PORTS[parts.scheme]}:
        host += f":{port}"
    path = parts.path.rstrip("/").removesuffix(_ENDPOINT).strip("/")
    return f"{parts.scheme}://{host}/{_quoted(path) or 'v1'}"


def origin(url: str) -> str:
    """Scheme, host and port of a normalised base URL."""
    return "/".join(url.split("/", 3)[:3])


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if parts.netloc.startswith("["):
        try:
            IPv6Address(host)
        except ValueError as error:
            raise ValueError("has a broken IPv6 address") from error
        if "%" in host or parts.netloc.partition("]")[2][:1] not in {
            "",
            ":",
        }:  # a zone belongs to one machine
            raise ValueError("has a broken IPv6 address")
        return f"[{host}]"
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError("has a host name that cannot be looked up") from error
    if not host or not _HOST_CHARACTERS.issuperset(host):
        raise ValueError("has no valid host name")
    return host


def _port(parts: SplitResult) -> int | None:
    try:
        if parts.port != 0:
            return parts.port
    except ValueError:
        pass
    raise ValueError("has a port that is not a number from 1 to 65535")


def _is_loopback(host: str) -> bool:
    return host in {"localhost", "[::1]"} or (_is_ipv4(host) and IPv4Address(host).is_loopback)


def _is_ipv4(host: str) -> bool:
    try:
        IPv4Address(host)
    except ValueError:
        return False
    return True


def _quoted(path: str) -> str:
    if path.isascii():
        return path
    try:
        return quote(path, safe="/%:@!$&'()*+,;=~-._")
    except UnicodeError as error:
        raise ValueError("must be text in UTF-8") from error
