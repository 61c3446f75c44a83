"""The proxy and the certificates, from environment variables and the system."""

from __future__ import annotations

import os
import re
import sys
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, urlsplit

from mira_cli.errors import ConfigError
from mira_cli.loopback import is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINT = "Correct it, or unset it."
_LOOKS_LIKE = "A proxy looks like http://host:port or socks5://host:port."
_SCHEMES = frozenset({"http", "https", "socks5", "socks5h"})
_PORTS = {"http": 80, "https": 443}
# An IPv6 address in brackets with a port or without, one without brackets, or a name with a port or without.
_ENTRY = r"\[([^][]+)\](?::([0-9]*))?|([^][:]*|[^][:]*:[^][:]*:[^][]*)(?::([0-9]*))?"
_MAX_CERTIFICATES = 16 << 20  # bytes of a certificate file that are looked through
_MARK = b"-----BEGIN "
# Where truststore looks if OpenSSL doesn't know where the system's certificates are.
_BUNDLES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)


class Proxy(NamedTuple):
    """A proxy and the variable that names it."""

    url: str  # with its scheme; may hold a user name and a password
    variable: str = ""  # "" for the system's own settings

    @property
    def label(self) -> str:
        """Host and port, which are safe to show; only the scheme if there is no host."""
        scheme, separator, rest = self.url.partition("://")
        return rest.rpartition("@")[2].partition("/")[0] or scheme + separator

    def unusable(self) -> ConfigError:
        """The error for a proxy that cannot be used."""
        name = self.variable or "The system's proxy setting"
        return ConfigError(f"{name} names a proxy that cannot be used: {self.label}.", hint=_LOOKS_LIKE)


def choose_proxy(url: str, env: Mapping[str, str]) -> Proxy | None:
    """The proxy for a URL, None to connect directly.

    Looks at HTTPS_PROXY or HTTP_PROXY, by the URL's scheme, then ALL_PROXY, then the settings of macOS and
    Windows; lower-case names win. Hosts in NO_PROXY, and always this machine, are connected to directly: a
    proxy would see the key.

    Raises:
        ConfigError: The proxy cannot be used.
    """
    server = urlsplit(url)
    host = (server.hostname or "").rstrip(".")
    if is_loopback(host) or host.endswith(".localhost"):
        return None
    for name in (f"{server.scheme}_proxy", "all_proxy"):
        variable = name if env.get(name) is not None else name.upper()
        if value := env.get(variable, "").strip():
            exempt = is_exempt(server, env.get("no_proxy") or env.get("NO_PROXY") or "")
            proxy = None if exempt else Proxy(value if "://" in value else f"http://{value}", variable)
            break
    else:
        proxy = _of_the_system(server)
    if proxy is not None and not _is_usable(proxy.url):
        raise proxy.unusable()
    return proxy


def is_exempt(server: SplitResult, no_proxy: str) -> bool:
    """Whether a server matches NO_PROXY: `*`, a domain with its subdomains, an address, a network."""
    host = (server.hostname or "").rstrip(".")
    for entry in _entries(no_proxy):
        pattern, port = _host_and_port(entry) or ("", "")
        if port and port != str(server.port or _PORTS[server.scheme]):
            continue
        domain = pattern.removeprefix("*").removeprefix(".").rstrip(".")
        if pattern == "*" or (domain and (host == domain or host.endswith(f".{domain}"))):
            return True
        if _in_network(host, domain):
            return True
    return False


def check_network_variables(env: Mapping[str, str]) -> None:
    """Check NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.

    Raises:
        ConfigError: One of them cannot be used.
    """
    for variable in ("no_proxy", "NO_PROXY"):
        for entry in _entries(env.get(variable, "")):
            if _host_and_port(entry) is None:
                raise ConfigError(f"{variable} holds {entry}, which is not a host.", hint=_HINT)
    if path := env.get("SSL_CERT_FILE"):
        try:
            with open(path, "rb") as file:
                if _MARK not in file.read(_MAX_CERTIFICATES):
                    raise unusable_certificates(path)
        except OSError as error:
            raise unusable_certificates(path, str(error.strerror).lower()) from error
    directories = env.get("SSL_CERT_DIR")
    if directories and not any(os.path.isdir(path) for path in directories.split(os.pathsep)):
        raise ConfigError(f"SSL_CERT_DIR names no directory: {directories}.", hint=_HINT)


def has_certificates() -> bool:
    """Whether the system has certificates where truststore looks for them."""
    if sys.platform in {"darwin", "win32"}:
        return True
    from ssl import get_default_verify_paths

    paths = get_default_verify_paths()
    if paths.cafile is not None or any(map(os.path.isfile, _BUNDLES)):
        return True
    return paths.capath is not None and any(name.endswith(".0") for name in os.listdir(paths.capath))


def unusable_certificates(path: str | None, why: str = "holds no certificate") -> ConfigError:
    """The error for an SSL_CERT_FILE that cannot be used."""
    return ConfigError(f"SSL_CERT_FILE {path}: {why}.", hint=_HINT)


def _is_usable(url: str) -> bool:
    """Whether a proxy URL has a supported scheme, a host and a possible port."""
    if re.search(r"[\0- \x7f]", url):
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme.lower() in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:  # of a port, or of a bracket
        return False


def _entries(no_proxy: str) -> list[str]:
    return no_proxy.replace(",", " ").split()


def _host_and_port(entry: str) -> tuple[str, str] | None:
    """A name, a pattern, an address or a network, and a port or ""; None if the entry is none of them."""
    match = re.fullmatch(_ENTRY, entry.lower().rpartition("://")[2])
    return (match[1] or match[3] or "", match[2] or match[4] or "") if match else None


def _in_network(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False


def _of_the_system(server: SplitResult) -> Proxy | None:
    if sys.platform not in {"darwin", "win32"}:
        return None
    from urllib.request import getproxies, proxy_bypass

    url = getproxies().get(server.scheme)
    if not url or proxy_bypass(server.hostname or ""):
        return None
    return Proxy(url if "://" in url else f"http://{url}")
