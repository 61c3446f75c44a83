"""Which proxy the environment names for a server, as curl, httpx and the standard library read it. Pure."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mira_cli.api.endpoint import Endpoint


class ProxyChoice(NamedTuple):
    """A proxy and who chose it.

    Attributes:
        url: With its scheme; may hold a user name and a password.
        variable: The environment variable that names it, "" for the system's own settings.
    """

    url: str
    variable: str = ""

    @property
    def label(self) -> str:
        """Host and port: what may be shown. The scheme, if there is no more."""
        scheme, separator, rest = self.url.partition("://")
        return rest.rpartition("@")[2].partition("/")[0] or scheme + separator


def proxy_for(endpoint: Endpoint, env: Mapping[str, str]) -> ProxyChoice | None:
    """The proxy for a server, None to go there directly.

    HTTPS_PROXY or HTTP_PROXY by the server's scheme, else ALL_PROXY; lower-case names win. NO_PROXY lists
    what is reached directly. With no variable at all, macOS and Windows are asked for their settings.
    """
    wanted = [f"{endpoint.scheme}_proxy", "all_proxy"]
    if "REQUEST_METHOD" in env and "http_proxy" not in env:
        # In a CGI script HTTP_PROXY is what a stranger sent as the header "Proxy" (CVE-2016-1000110).
        env = {name: value for name, value in env.items() if name != "HTTP_PROXY"}
    for name in wanted:
        variable = name if env.get(name) is not None else name.upper()
        value = env.get(variable, "").strip()
        if value:
            if is_exempt(endpoint, env.get("no_proxy") or env.get("NO_PROXY") or ""):
                return None
            return ProxyChoice(value if "://" in value else f"http://{value}", variable)
    return _of_the_system(endpoint) if sys.platform in {"darwin", "win32"} else None


def is_exempt(endpoint: Endpoint, no_proxy: str) -> bool:
    """Whether NO_PROXY lists a server: `*`, a domain and all below it, an address, a network."""
    host = endpoint.host.lower().rstrip(".")
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
        if port and port != str(endpoint.port):
            continue
        domain = pattern.removeprefix("*").removeprefix(".").rstrip(".")
        if domain and (
            host == domain or host.endswith(f".{domain}") or ("/" in domain and _in_network(host, domain))
        ):
            return True
    return False


def _in_network(host: str, network: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def _of_the_system(endpoint: Endpoint) -> ProxyChoice | None:
    from urllib.request import getproxies, proxy_bypass

    url = getproxies().get(endpoint.scheme)
    if not url or proxy_bypass(endpoint.host):
        return None
    return ProxyChoice(url if "://" in url else f"http://{url}")
