"""Which certificates are trusted: those the environment names, the system's, else certifi's."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from mira_cli.errors import ConfigError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

# How OpenSSL finds a certificate in a directory on demand: by the hash of its subject.
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


def make_context(env: Mapping[str, str]) -> ssl.SSLContext:
    """A context that checks certificates and host names, and asks for HTTP/1.1.

    SSL_CERT_FILE and SSL_CERT_DIR come first, as for OpenSSL. A system directory of hashed certificates
    is read on demand, a certificate at a time; parsing certifi's bundle whole costs some 20 ms.

    Raises:
        ConfigError: A variable names what cannot be read.
    """
    _check_key_log(env.get("SSLKEYLOGFILE", ""))
    cafile, capath = env.get("SSL_CERT_FILE") or None, env.get("SSL_CERT_DIR") or None
    context = _from_environment(cafile, capath) if cafile or capath else _from_the_system()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _from_the_system() -> ssl.SSLContext:
    import ssl

    defaults = ssl.get_default_verify_paths()
    if defaults.capath and _is_hashed(defaults.capath):
        return ssl.create_default_context(capath=defaults.capath)
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _from_environment(cafile: str | None, capath: str | None) -> ssl.SSLContext:
    import ssl

    try:
        return ssl.create_default_context(cafile=cafile, capath=capath)
    except OSError as error:
        why = "holds no certificate" if isinstance(error, ssl.SSLError) else (error.strerror or "").lower()
        raise ConfigError(f"SSL_CERT_FILE {cafile}: {why}.", hint="Correct it, or unset it.") from error


def _check_key_log(path: str) -> None:
    """Python's own contexts write to this file, and do not say its name when they cannot."""
    try:
        if path:
            os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600))
    except (OSError, ValueError) as error:
        why = (getattr(error, "strerror", "") or "is no path").lower()
        raise ConfigError(f"SSLKEYLOGFILE {path}: {why}.", hint="Correct it, or unset it.") from error


def _is_hashed(directory: str) -> bool:
    try:
        with os.scandir(directory) as entries:
            return any(_HASHED.fullmatch(entry.name) for entry in entries)
    except OSError:
        return False
