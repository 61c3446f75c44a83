"""Chooses the transport: straight to the server, or through the proxy that the environment names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mira_cli.api.environment import check_network_env
from mira_cli.api.proxies import ProxyChoice, proxy_for
from mira_cli.api.tls import make_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from mira_cli.api.endpoint import Endpoint
    from mira_cli.api.transport import Transport


def choose_transport(
    endpoint: Endpoint, connect_timeout: float, env: Mapping[str, str], output: int | None = None
) -> tuple[Transport, ProxyChoice | None]:
    """The transport for a server and the proxy it goes through, if any. Opens nothing.

    `output` is a pipe that the answer goes to: that its reader leaves ends a wait, if httpx does not do it.

    Raises:
        ConfigError: A network variable cannot be used.
    """

    def context() -> ssl.SSLContext:
        return make_context(env)

    check_network_env(env)
    proxy = proxy_for(endpoint, env)
    if proxy is not None:
        from mira_cli.api.proxied import ProxiedTransport

        return ProxiedTransport(endpoint, proxy, connect_timeout, context), proxy
    from mira_cli.api.direct import DirectTransport

    return DirectTransport(endpoint, connect_timeout, context, output), None
