"""The network variables of the environment: which proxy they name, and whether they can be used."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINT = "Correct it, or unset it."
_LOOKS_LIKE = "A proxy looks like http://host:port or socks5://host:port."
_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})
_PORTS = {"http": 80, "https": 443}
_MAX_CERTIFICATES = 16 << 20  # bytes of a certificate file that are looked through
_MARK = b"-----BEGIN "


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy and the variable that names it.

    Attributes:
        url: With its scheme; may hold a user name and a password.
        variable: The environment variable, "" for the system's own settings.
    """

    url: str
    variable: str = ""

    @property
    def label(self) -> str:
        """Host and port: what may be shown. The scheme, if there is no more."""
        scheme, separator, rest = self.url.partition("://")
        return rest.rpartition("@")[2].partition("/")[0] or scheme + separator


def choose_proxy(url: str, env: Mapping[str, str]) -> Proxy | None:
    """The proxy for a URL, None to connect directly. Pure, but for the settings of macOS and Windows.

    HTTPS_PROXY or HTTP_PROXY by the URL's scheme, else ALL_PROXY; lower-case names win. NO_PROXY lists
    what is reached directly, and this machine always is: a proxy elsewhere would read the key.
    """
    server = urlsplit(url)
    if _is_loopback(server.hostname or ""):
        return None
    if "REQUEST_METHOD" in env:
        # In a CGI script HTTP_PROXY is what a stranger sent as the header "Proxy" (CVE-2016-1000110).
        env = {name: value for name, value in env.items() if name != "HTTP_PROXY"}
    for name in (f"{server.scheme}_proxy", "all_proxy"):
        variable = name if env.get(name) is not None else name.upper()
        value = env.get(variable, "").strip()
        if value:
            if is_exempt(server, env.get("no_proxy") or env.get("NO_PROXY") or ""):
                return None
            return Proxy(value if "://" in value else f"http://{value}", variable)
    return _of_the_system(server) if sys.platform in {"darwin", "win32"} else None


def is_exempt(server: SplitResult, no_proxy: str) -> bool:
    """Whether NO_PROXY lists a server: `*`, a domain and all below it, an address, a network."""
    host = (server.hostname or "").rstrip(".")
    for entry in no_proxy.replace(" ", ",").split(","):
        pattern = entry.strip().lower().partition("://")[2] or entry.strip().lower()
        if pattern == "*":
            return True
        if pattern.startswith("["):
            pattern, _, port = pattern[1:].partition("]")
            port = port.removeprefix(":")
        elif pattern.count(":") == 1:
            pattern, _, port = pattern.partition(":")
        else:
            port = ""
        if port and port != str(server.port or _PORTS[server.scheme]):
            continue
        domain = pattern.removeprefix("*").removeprefix(".").rstrip(".")
        if domain and (
            host == domain or host.endswith(f".{domain}") or ("/" in domain and _in_network(host, domain))
        ):
            return True
    return False


def check_network_variables(env: Mapping[str, str], proxy: Proxy | None) -> None:
    """Look at NO_PROXY, SSL_CERT_FILE, SSL_CERT_DIR, and at the proxy that is used.

    Raises:
        ConfigError: One of them cannot be used; names it.
    """
    for variable in ("no_proxy", "NO_PROXY"):
        for entry in env.get(variable, "").split(","):
            if not _is_host(entry.strip()):
                raise ConfigError(f"{variable} holds {entry.strip()}, which is not a host.", hint=_HINT)
    check_certificates(env)
    if proxy is not None and not _is_usable(proxy.url):
        name = proxy.variable or "The system's proxy setting"
        raise ConfigError(f"{name} names a proxy that cannot be used: {proxy.label}.", hint=_LOOKS_LIKE)


def check_certificates(env: Mapping[str, str]) -> None:
    """Look at SSL_CERT_FILE and SSL_CERT_DIR.

    Raises:
        ConfigError: One of them cannot be used; names it.
    """
    if path := env.get("SSL_CERT_FILE"):
        try:
            with open(path, "rb") as file:  # noqa: PTH123 - cheap
                found = _MARK in file.read(_MAX_CERTIFICATES)
        except OSError as error:
            why = (error.strerror or "cannot be read").lower()
            raise ConfigError(f"SSL_CERT_FILE {path}: {why}.", hint=_HINT) from error
        if not found:
            raise ConfigError(f"SSL_CERT_FILE {path}: holds no certificate.", hint=_HINT)
    directories = env.get("SSL_CERT_DIR")
    if directories and not any(os.path.isdir(path) for path in directories.split(os.pathsep)):  # noqa: PTH112 - cheap
        raise ConfigError(f"SSL_CERT_DIR names no directory: {directories}.", hint=_HINT)


def _is_loopback(host: str) -> bool:
    host = host.rstrip(".")
    is_ipv4 = host.startswith("127.") and host.replace(".", "").isdigit()
    return is_ipv4 or host in {"localhost", "::1"} or host.endswith(".localhost")


def _is_usable(url: str) -> bool:
    """Whether a proxy URL names a kind of proxy that we know, a host, and no impossible port."""
    if any(character <= " " or character == "\x7f" for character in url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a port, or of a bracket
        return False


def _is_host(entry: str) -> bool:
    """Whether this may stand in NO_PROXY: a name, a pattern, an address or a network, maybe with a port."""
    entry = entry.partition("://")[2] or entry
    if entry.startswith("["):
        address, bracket, port = entry[1:].partition("]")
        return bool(address and bracket) and (not port or _is_port(port))
    if entry.count(":") == 1:
        return _is_port(entry[entry.index(":") :])
    return "[" not in entry and "]" not in entry


def _is_port(text: str) -> bool:
    return text.startswith(":") and text[1:].isascii() and text[1:].isdigit()


def _in_network(host: str, network: str) -> bool:
    if not host or host[-1] not in "0123456789abcdef":
        return False
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _of_the_system(server: SplitResult) -> Proxy | None:
    from urllib.request import getproxies, proxy_bypass

    url = getproxies().get(server.scheme)
    if not url or proxy_bypass(server.hostname or ""):
        return None
    return Proxy(url if "://" in url else f"http://{url}")
