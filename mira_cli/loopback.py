"""Which hosts are this machine: http:// goes to no other, and no proxy sees what is sent to it."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Whether a host name or address is localhost, in 127.0.0.0/8, or ::1.

    Not *.localhost, which some resolvers look up elsewhere.
    """
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
