"""Where the API is: a base URL taken apart."""

from __future__ import annotations

from typing import NamedTuple

from mira_cli.errors import ConfigError

_PORTS = {"http": 80, "https": 443}
_HIGHEST_PORT = 65_535


class Endpoint(NamedTuple):
    """A base URL in parts.

    Attributes:
        scheme: "http" or "https".
        host: As the DNS knows it; an IPv6 address without its brackets.
        port: The port to connect to.
        path: "" or what begins with "/" and does not end in one.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, base_url: str) -> Endpoint:
        """Take a normalised base URL apart.

        Raises:
            ConfigError: It is no http or https URL.
        """
        scheme, _, rest = base_url.partition("://")
        authority, slash, path = rest.partition("/")
        host, colon, port = authority.rpartition(":")
        if not colon or "]" in port:
            host, port = authority, ""
        number = int(port) if port.isascii() and port.isdigit() else _PORTS.get(scheme, 0)
        if scheme not in _PORTS or not host or (port and str(number) != port) or number > _HIGHEST_PORT:
            raise ConfigError("The base URL must look like https://api.vmira.ai/v1.")
        return cls(scheme, host.strip("[]"), number, (slash + path).rstrip("/"))

    @property
    def authority(self) -> str:
        """Host and port as a Host header and as people read it: no port where it goes without saying."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: `https://api.vmira.ai`."""
        return f"{self.scheme}://{self.authority}"
