"""The network variables that are broken whatever the server: named before anything is sent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_HINT = "Correct it, or unset it."
_LARGEST = 16 << 20  # bytes of a certificate file that are looked through
_MARK = b"-----BEGIN "


def check_network_env(env: Mapping[str, str]) -> None:
    """Look at NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR. A proxy is checked by whoever goes through it.

    Raises:
        ConfigError: One of them cannot be used; names it.
    """
    for variable in ("no_proxy", "NO_PROXY"):
        for entry in env.get(variable, "").split(","):
            if not _is_host(entry.strip()):
                raise ConfigError(f"{variable} holds {entry.strip()}, which is no host.", hint=_HINT)
    check_certificates(env)


def check_certificates(env: Mapping[str, str]) -> None:
    """Look at SSL_CERT_FILE and SSL_CERT_DIR.

    Raises:
        ConfigError: One of them cannot be used; names it.
    """
    if path := env.get("SSL_CERT_FILE"):
        _check_file(path)
    directories = env.get("SSL_CERT_DIR")
    if directories and not any(os.path.isdir(path) for path in directories.split(os.pathsep)):  # noqa: PTH112 - cheap
        raise ConfigError(f"SSL_CERT_DIR names no directory: {directories}.", hint=_HINT)


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


def _check_file(path: str) -> None:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - cheap
            found = _MARK in file.read(_LARGEST)
    except OSError as error:
        why = (error.strerror or "cannot be read").lower()
        raise ConfigError(f"SSL_CERT_FILE {path}: {why}.", hint=_HINT) from error
    if not found:
        raise ConfigError(f"SSL_CERT_FILE {path}: holds no certificate.", hint=_HINT)
