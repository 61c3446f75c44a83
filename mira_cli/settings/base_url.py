"""The base URL: brought into one form, and what it says about who gets the key."""

from __future__ import annotations

DEFAULT = "https://api.vmira.ai/v1"
_ENDPOINT = "/chat/completions"
_DEFAULT_PORTS = {"https": "443", "http": "80"}
_HIGHEST_PORT = 65535
_BYTES = frozenset(map(str, range(256)))  # of an IPv4 address, without leading zeros


def normalise(url: str) -> str:
    """The base URL as requests are built on it: no `/` and no `/chat/completions` at its end.

    A bare origin gets `/v1`. Scheme and host are lowered, a default port is dropped, an international
    host is written as the DNS knows it.

    Raises:
        ValueError: With words for people, for anything but https, or http to this machine.
    """
    url = url.strip()
    if url == DEFAULT:
        return url
    if any(ord(character) <= ord(" ") or character in "\\\x7f" for character in url):
        raise ValueError("must not hold white space, control characters or a backslash")
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator or scheme not in _DEFAULT_PORTS:
        raise ValueError("must begin with https://")
    if "?" in rest or "#" in rest:
        raise ValueError("must not hold ? or #")
    authority, _, path = rest.partition("/")
    if "@" in authority:
        raise ValueError("must not hold a user name or a password")
    host, port = _host_and_port(authority)
    if scheme == "http" and not _is_loopback_host(host):
        raise ValueError(f"must begin with https:// (http:// is for this machine only, not for {host})")
    if host.rpartition(".")[2].isdigit() and not _is_ipv4(host):
        raise ValueError("has a broken IPv4 address")
    if port and port != _DEFAULT_PORTS[scheme]:
        host += f":{port}"
    path = path.rstrip("/")
    if ("/" + path).endswith(_ENDPOINT):
        path = ("/" + path).removesuffix(_ENDPOINT).strip("/")
    return f"{scheme}://{host}/{_quoted(path) or 'v1'}"


def origin(url: str) -> str:
    """Scheme, host and port of a normalised base URL: what a stored key is bound to."""
    return "/".join(url.split("/", 3)[:3])


def _is_loopback_host(host: str) -> bool:
    return host in {"localhost", "[::1]"} or (_is_ipv4(host) and host.startswith("127."))


def _is_ipv4(host: str) -> bool:
    parts = host.split(".")
    return len(parts) == 4 and all(part in _BYTES for part in parts)  # noqa: PLR2004 - its four bytes


def _is_ipv6(address: str) -> bool:
    from ipaddress import IPv6Address

    try:
        IPv6Address(address)
    except ValueError:
        return False
    return "%" not in address  # a zone is of this machine, and no part of a URL


def _host_and_port(authority: str) -> tuple[str, str]:
    if authority.startswith("["):
        host, bracket, rest = authority.partition("]")
        host = (host + bracket).lower()
        if not bracket or not _is_ipv6(host[1:-1]):
            raise ValueError("has a broken IPv6 address")
        colon, port = rest[:1], rest[1:]
        if rest and colon != ":":
            raise ValueError("has a broken IPv6 address")
    else:
        host, _, port = authority.partition(":")
        host = _ascii_host(host.lower())
    number = port.lstrip("0") if port.isascii() and port.isdigit() else ""
    if port and not (0 < len(number) <= len(str(_HIGHEST_PORT)) and int(number) <= _HIGHEST_PORT):
        raise ValueError("has a port that is no number from 1 to 65535")
    return host, number


def _ascii_host(host: str) -> str:
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError("has a host name that cannot be looked up") from error
    if not host or not set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_"):
        raise ValueError("has no valid host name")
    return host


def _quoted(path: str) -> str:
    if path.isascii():
        return path
    from urllib.parse import quote

    try:
        return quote(path, safe="/%:@!$&'()*+,;=~-._")
    except UnicodeError as error:
        raise ValueError("must be text in UTF-8") from error
