"""Chooses the carrier: straight to the server, or through the proxy that the environment names."""

from __future__ import annotations

from mira_cli.api.environment import check_network_env
from mira_cli.api.proxies import ProxyChoice, proxy_for
from mira_cli.api.tls import make_context
from mira_cli.light_typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from mira_cli.api.carrier import Carrier
    from mira_cli.api.endpoint import Endpoint


def choose_carrier(
    endpoint: Endpoint, connect_timeout: float, env: Mapping[str, str]
) -> tuple[Carrier, ProxyChoice | None]:
    """The carrier for a server and the proxy it goes through, if any. Opens nothing.

    Raises:
        ConfigError: A network variable cannot be used.
    """

    def context() -> ssl.SSLContext:
        return make_context(env)

    check_network_env(env)
    proxy = proxy_for(endpoint, env)
    if proxy is not None:
        from mira_cli.api.proxied import ProxiedCarrier  # noqa: PLC0415 - only a proxy needs it

        return ProxiedCarrier(endpoint, proxy, connect_timeout, context), proxy
    from mira_cli.api.direct import DirectCarrier  # noqa: PLC0415 - and this one only without

    return DirectCarrier(endpoint, connect_timeout, context), None
